/** Chained plugin `vrf`: puts the pod's interface into a VRF. Each verb: read, plan, apply. */
import { FaultError, joinFaults } from "../../../base/fault.ts";
import { applyEach } from "../../../net/apply.ts";
import type { Kernel } from "../../../net/kernel.ts";
import { findLink, listLinks } from "../../../net/links.ts";
import { needPrevResult } from "../../attach/refusals.ts";
import { openIfThere, removeLinks } from "../../attach/veths.ts";
import { Journal } from "../../journal.ts";
import { isVrfMark } from "../../mark.ts";
import type { Plugin, Ports } from "../../plugin.ts";
import type { Request, Result } from "../../spec/types.ts";
import { face } from "./face.ts";
import { vrfKeys } from "./keys.ts";
import { parseConfig, type VrfConfig } from "./parse.ts";
import { planJoin, planVrf } from "./plan.ts";
import { readState } from "./state.ts";
import { noVrfs } from "./support.ts";

type R = Request<VrfConfig>;

/** @throws FaultError, with the pod as it was before */
const add = async (r: R, { kernel }: Ports): Promise<Result> => {
  const prev = needPrevResult(r);
  const state = readState(kernel.open(r.netns), r.ifname, r.config);
  const journal = new Journal(kernel);
  try {
    journal.run(planVrf(r, state));
    journal.run(planJoin(r, state));
    return prev;
  } catch (error) {
    const failed = journal.takeBack();
    const why = isUnknownKind(error) ? noVrfs(error) : error;
    throw failed.length > 0 ? joinFaults([why, ...failed]) : why;
  }
};

/** The kernel's word for a kind of link that it was built without. */
const isUnknownKind = (error: unknown): boolean =>
  error instanceof FaultError && error.fault.kind === "kernel" && error.fault.errno === "EOPNOTSUPP";

/** Only what this plugin made goes: a VRF that was there before stays when the last interface leaves it. */
const del = async (r: R, { kernel }: Ports): Promise<void> => {
  const { vrf: name } = r.config;
  const pod = openIfThere(kernel, r.netns);
  const vrf = pod && findLink(pod, name);
  if (!pod || vrf?.kind !== "vrf") return;
  const own = findLink(pod, r.ifname);
  if (own?.master === vrf.index) leave(kernel, r);
  const others = listLinks(pod).some((l) => l.master === vrf.index);
  if (!others && isVrfMark(vrf.alias)) removeLinks(kernel, [{ name, in: r.netns }]);
};

const leave = (kernel: Kernel, r: R): void => {
  const step = { do: "link.set", in: r.netns, name: r.ifname, set: { master: null }, fresh: true } as const;
  for (const { error } of applyEach(kernel, [step]).failed)
    if (!(error instanceof FaultError && error.fault.kind === "not-found")) throw error;
};

// Asked seldom, and not while a pod waits: loaded when they are.
const check = async (r: R, ports: Ports): Promise<void> => (await import("./check.ts")).check(r, ports);
const status = async (r: R, ports: Ports): Promise<void> => (await import("./status.ts")).status(r, ports);

export const vrf: Plugin<VrfConfig> = {
  ...face,
  keys: vrfKeys,
  parse: parseConfig,
  add,
  del,
  check,
  // Everything is in the pod's namespace, and goes with it.
  gc: async () => {},
  status,
};
