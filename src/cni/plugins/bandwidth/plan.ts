/** What ADD does, as steps. Pure. */
import { clsactHandle, tcPlaces } from "../../../kernel/codec/route/tc.ts";
import type { LinkSpec } from "../../../net/links.ts";
import type { Step } from "../../../net/plan/step.ts";
import { birthGroup, markOf, type Owner } from "../../mark.ts";
import { planBucket } from "./bucket.ts";
import type { BandwidthConfig, Limit } from "./config.ts";
import { ifbName, type Way } from "./names.ts";
import { planFilters } from "./subnets.ts";

/** The host's end of the pod's veth. */
export interface Port {
  readonly name: string;
  readonly mtu: number;
}

/** What a pod receives is queued on the veth itself, unless some of it is to pass by the queue. */
export const throughIfb = (c: BandwidthConfig, way: Way): boolean => way === "egress" || c.subnets !== undefined;

export const waysOf = (c: BandwidthConfig): { readonly way: Way; readonly limit: Limit }[] =>
  (["ingress", "egress"] as const).flatMap((way) => (c[way] ? [{ way, limit: c[way] }] : []));

export const planWay = (c: BandwidthConfig, way: Way, limit: Limit, owner: Owner, port: Port): Step[] =>
  throughIfb(c, way) ? planIfb(c, way, limit, owner, port) : planBucket(port.name, limit, port.mtu, false);

const planIfb = (c: BandwidthConfig, way: Way, limit: Limit, owner: Owner, { name: link, mtu }: Port): Step[] => {
  const name = ifbName(owner, way);
  const born: LinkSpec = { name, info: { kind: "ifb" }, mtu, group: birthGroup(owner.network) };
  const hook = { link, parent: tcPlaces.clsact, handle: clsactHandle, info: { kind: "clsact" } };
  const filters = planFilters(c, way, link, name);
  return [
    { do: "link.add", in: "", link: born },
    { do: "link.set", in: "", name, set: { alias: markOf(owner), group: 0, up: true }, fresh: true },
    ...planBucket(name, limit, mtu, true),
    { do: "qdisc.add", in: "", qdisc: hook, orExists: true },
    // Last: from now on packets go there. The first of each number takes the others with it when it is taken back.
    ...filters.map((filter): Step => ({ do: "filter.add", in: "", filter, fresh: true })),
  ];
};
