/** Main plugin `loopback`: brings the pod's `lo` up. */
import { cidrText } from "../../../base/cidr.ts";
import { FaultError } from "../../../base/fault.ts";
import { isLoopback } from "../../../base/ip.ts";
import type { JsonObject } from "../../../base/json-types.ts";
import { type Address, listAddresses } from "../../../net/addresses.ts";
import { apply, applyEach } from "../../../net/apply.ts";
import type { Kernel, Netns } from "../../../net/kernel.ts";
import { type Link, needLink } from "../../../net/links.ts";
import { render } from "../../../net/plan/render.ts";
import type { Plugin } from "../../plugin.ts";
import type { Request, Result } from "../../spec/types.ts";
import { face } from "./face.ts";

type R = Request<JsonObject>;
const lo = "lo";

/** Whatever CNI_IFNAME says, the interface is `lo`. */
const setUp = (r: R, up: boolean) => [{ do: "link.set", in: r.netns, name: lo, set: { up } }] as const;

const add = async (r: R, kernel: Kernel): Promise<Result> => {
  const ns = kernel.open(r.netns);
  const { undo } = apply(kernel, setUp(r, true));
  try {
    const link = needLink(ns, lo);
    const addresses = loopbackAddresses(ns, link);
    if (r.prevResult) return r.prevResult;
    const ips = addresses.map((a) => ({ address: a.address, interface: 0 }));
    const self = { name: lo, mtu: link.mtu, sandbox: r.netns, ...(link.mac && { mac: link.mac }) };
    return { interfaces: [self], ips, routes: [], dns: {} };
  } catch (error) {
    undo();
    throw error;
  }
};

/** @throws FaultError differs when `lo` carries an address that is no loopback address */
const loopbackAddresses = (ns: Netns, link: Link): readonly Address[] => {
  const all = listAddresses(ns, link.index);
  const stray = all.find((a) => !isLoopback(a.address.ip));
  if (!stray) return all;
  throw new FaultError({
    kind: "differs",
    what: `address of ${lo} in ${ns.path}`,
    seen: cidrText(stray.address),
    want: "only addresses of 127.0.0.0/8 and ::1",
    fix: render({ do: "address.del", in: ns.path, address: { link: lo, address: stray.address } }),
  });
};

const del = async (r: R, kernel: Kernel): Promise<void> => {
  if (r.netns === "") return;
  for (const { error } of applyEach(kernel, setUp(r, false)).failed)
    if (!(error instanceof FaultError && error.fault.kind === "bad-netns" && error.fault.missing)) throw error;
};

const check = async (r: R, kernel: Kernel): Promise<void> => {
  const ns = kernel.open(r.netns);
  const link = needLink(ns, lo);
  if (!link.up)
    throw new FaultError({
      kind: "differs",
      what: `link ${lo} in ${r.netns}`,
      seen: "down",
      want: "up",
      fix: setUp(r, true).map(render).join(" && "),
    });
  loopbackAddresses(ns, link);
};

export const loopback: Plugin<JsonObject> = {
  ...face,
  keys: [],
  parse: (raw) => raw,
  add: (r, { kernel }) => add(r, kernel),
  del: (r, { kernel }) => del(r, kernel),
  check: (r, { kernel }) => check(r, kernel),
  // Nothing is left outside the pod's namespace, and nothing is needed of the host.
  gc: async () => {},
  status: async () => {},
};
