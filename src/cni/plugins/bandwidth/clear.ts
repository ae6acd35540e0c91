/** DEL while the veth still stands: what is ours on it goes, so that it can be limited anew. */
import { joinFaults } from "../../../base/fault.ts";
import { tcPlaces } from "../../../kernel/codec/route/tc.ts";
import { applyEach } from "../../../net/apply.ts";
import type { Kernel } from "../../../net/kernel.ts";
import { findLink, findLinkByIndex, type Link } from "../../../net/links.ts";
import type { Step } from "../../../net/plan/step.ts";
import { listFilters } from "../../../net/tc/filters.ts";
import { listQdiscs } from "../../../net/tc/qdiscs.ts";
import { openIfThere } from "../../attach/veths.ts";
import type { Request } from "../../spec/types.ts";
import { bucketHandle } from "./bucket.ts";
import { isOurPrio } from "./subnets.ts";

/** The host's end, as long as the pod has its own. */
const portOf = (kernel: Kernel, { netns, ifname }: Request<unknown>): Link | undefined => {
  const ns = openIfThere(kernel, netns);
  const pod = ns && findLink(ns, ifname);
  const other = pod?.peer === undefined ? undefined : findLinkByIndex(kernel.host, pod.peer);
  return other?.kind === "veth" && other.peer === pod?.index ? other : undefined;
};

/** @throws FaultError, when all have had their turn */
export const clearPort = (kernel: Kernel, r: Request<unknown>): void => {
  const port = portOf(kernel, r);
  if (!port) return;
  const { name: link, index } = port;
  const { failed } = applyEach(kernel, [...bucket(kernel, port), ...hooks(kernel, { link, index })]);
  if (failed.length > 0) throw joinFaults(failed.map((f) => f.error));
};

const bucket = (kernel: Kernel, { name: link, index }: Link): Step[] =>
  listQdiscs(kernel.host).some((q) => q.link === index && q.handle === bucketHandle)
    ? [{ do: "qdisc.del", in: "", qdisc: { link, parent: tcPlaces.root }, orGone: true }]
    : [];

/** The filters of our numbers; and the clsact, when nobody has a filter there. */
const hooks = (kernel: Kernel, { link, index }: { readonly link: string; readonly index: number }): Step[] => {
  const clsact = listQdiscs(kernel.host).some((q) => q.link === index && q.info.kind === "clsact");
  if (!clsact) return [];
  const all = [tcPlaces.ingress, tcPlaces.egress].flatMap((parent) => listFilters(kernel.host, index, parent));
  const ours = all.filter((f) => isOurPrio(f.prio));
  if (ours.length === 0) return [];
  if (ours.length === all.length)
    return [{ do: "qdisc.del", in: "", qdisc: { link, parent: tcPlaces.clsact }, orGone: true }];
  const places = ours.map(({ parent, protocol, prio }) => ({ link, parent, protocol, prio }));
  const once = places.filter((p, i) => places.findIndex((x) => JSON.stringify(x) === JSON.stringify(p)) === i);
  return once.map((filter): Step => ({ do: "filter.del", in: "", filter, orGone: true }));
};
