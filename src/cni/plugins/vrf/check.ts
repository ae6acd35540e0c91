/** CHECK: the VRF is there, the interface in it, and what ADD moved in its table; all differences at once. */
import { joinFaults } from "../../../base/fault.ts";
import type { Kernel } from "../../../net/kernel.ts";
import { findLink, findLinkByIndex, type Link } from "../../../net/links.ts";
import { render } from "../../../net/plan/render.ts";
import { checkPod, partOf } from "../../attach/check-pod.ts";
import { needPrevResult } from "../../attach/refusals.ts";
import { Findings } from "../../findings.ts";
import type { Ports } from "../../plugin.ts";
import type { Request, Result } from "../../spec/types.ts";
import type { VrfConfig } from "./parse.ts";
import { tableOf } from "./state.ts";

type R = Request<VrfConfig>;

/** @throws FaultError differs, not-found, bad-config */
export const check = async (r: R, { kernel }: Ports): Promise<void> => {
  const prev = needPrevResult(r);
  const ns = kernel.open(r.netns);
  const found = new Findings();
  const vrf = findLink(ns, r.config.vrf);
  const own = findLink(ns, r.ifname);
  if (vrf) checkVrf(r, vrf, found);
  else found.gone(`VRF ${r.config.vrf} in ${r.netns}`);
  if (!own) found.gone(`${r.ifname} in ${r.netns}`);
  else if (vrf && own.master === vrf.index) checkRest(kernel, r, prev, own, found);
  else if (vrf) {
    const master = own.master === undefined ? undefined : findLinkByIndex(ns, own.master);
    found.differs(
      `master of ${r.ifname}`,
      master?.name ?? "none",
      vrf.name,
      setLine(r, r.ifname, { master: vrf.name }),
    );
  }
  if (found.errors.length > 0) throw joinFaults(found.errors);
};

/** Addresses and routes, as far as the result says whose they are. */
const checkRest = (kernel: Kernel, r: R, prev: Result, own: Link, found: Findings): void => {
  const told = prev.interfaces.find((x) => x.name === r.ifname && x.sandbox === r.netns);
  if (told) checkPod(kernel, r, partOf(prev, told), own, found);
};

const checkVrf = (r: R, vrf: Link, found: Findings): void => {
  found.same(`kind of ${vrf.name}`, vrf.kind ?? "a plain device", "vrf");
  found.same(`table of VRF ${vrf.name}`, tableOf(vrf), r.config.table);
  if (!vrf.up) found.differs(`VRF ${vrf.name}`, "down", "up", setLine(r, vrf.name, { up: true }));
};

const setLine = (r: R, name: string, set: { master?: string; up?: boolean }): string =>
  render({ do: "link.set", in: r.netns, name, set });
