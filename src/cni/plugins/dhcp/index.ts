/** IPAM plugin `dhcp`: the daemon gets and keeps the leases, the plugin asks it. */
import { FaultError } from "../../../base/fault.ts";
import { needValidAttachments } from "../../attach/refusals.ts";
import type { Plugin, Ports } from "../../plugin.ts";
import type { Request, Result } from "../../spec/types.ts";
import { ask } from "./client.ts";
import { face } from "./face.ts";
import { dhcpKeys } from "./keys.ts";
import { holderOf, isOther } from "./lease.ts";
import { giveBackBy } from "./offline.ts";
import { type DhcpConfig, parseConfig } from "./parse.ts";
import { leaseResult } from "./result.ts";
import { noDaemon } from "./unavailable.ts";

type R = Request<DhcpConfig>;

const add = async (r: R): Promise<Result> => {
  const { socket, provide, request, priority } = r.config;
  const utf8 = new TextEncoder();
  const answer = ask(socket, {
    op: "acquire",
    holder: holderOf(r),
    netns: r.netns,
    provide: new Map([...provide].map(([code, text]) => [code, utf8.encode(text)])),
    request,
  });
  if ("noDaemon" in answer) throw noDaemon(r, answer.noDaemon);
  if (answer.lease) return leaseResult(answer.lease.grant, priority);
  throw new FaultError({ kind: "unavailable", why: `the dhcp daemon at ${socket} gave neither a lease nor a reason` });
};

const del = (r: R, ports: Ports): Promise<void> => {
  const holder = holderOf(r);
  return giveBackBy(r.config.socket, ports, { op: "release", holder }, (store) => {
    const lease = store.find(holder);
    return lease ? [lease] : [];
  });
};

const gc = async (r: R, ports: Ports): Promise<void> => {
  const { network, config } = r;
  const valid = needValidAttachments(r);
  await giveBackBy(config.socket, ports, { op: "keep", network, valid }, (store) =>
    store.load().filter((lease) => isOther(lease, network, valid)),
  );
};

const status = async (r: R): Promise<void> => {
  const answer = ask(r.config.socket, { op: "status" });
  if ("noDaemon" in answer) throw noDaemon(r, answer.noDaemon);
};

export const dhcp: Plugin<DhcpConfig> = {
  ...face,
  keys: dhcpKeys,
  parse: parseConfig,
  add,
  del,
  check: async (r, ports) => (await import("./check.ts")).check(r, ports),
  gc,
  status,
};
