/** DEL and GC: what an attachment leaves on this host, found by where it is or by our mark, and taken away. */
import { FaultError, joinFaults } from "../../../base/fault.ts";
import { applyEach } from "../../../net/apply.ts";
import { listVlans } from "../../../net/bridge-vlans.ts";
import type { Kernel, Netns } from "../../../net/kernel.ts";
import { findLink, findLinkByIndex, type Link, listLinks } from "../../../net/links.ts";
import { birthGroup, gatewayMark, isMark, markOf, networkMark } from "../../mark.ts";
import type { Attachment, Request } from "../../spec/types.ts";
import { type BridgeConfig, gatewayLink } from "./config.ts";

type R = Request<BridgeConfig>;

/** The namespace, unless it is gone. */
const openIfThere = (kernel: Kernel, path: string): Netns | undefined => {
  try {
    return path === "" ? undefined : kernel.open(path);
  } catch (error) {
    if (error instanceof FaultError && error.fault.kind === "bad-netns" && error.fault.missing) return undefined;
    throw error;
  }
};

const isVeth = (l: Link): boolean => l.kind === "veth";

/**
 * The link to delete inside the pod: a veth of that name whose other end is not another attachment's. Pods that the
 * reference plugin made have no mark, and are ours to remove after an upgrade.
 */
const inPod = (kernel: Kernel, pod: Netns, r: R, mark: string): boolean => {
  const link = findLink(pod, r.ifname);
  if (!link || !isVeth(link) || link.peer === undefined) return false;
  const other = findLinkByIndex(kernel.host, link.peer);
  if (!other || !isVeth(other) || other.peer !== link.index) return false;
  return !isMark(other.alias) || other.alias === mark;
};

/** Deletes the veth of one attachment, wherever it is. @throws FaultError */
export const removeAttachment = (kernel: Kernel, r: R): void => {
  const mark = markOf(r);
  const pod = openIfThere(kernel, r.netns);
  if (pod && inPod(kernel, pod, r, mark)) del(kernel, [{ name: r.ifname, in: r.netns }]);
  // Not there under its name: renamed, or the caller has lost the namespace.
  else delVeths(kernel, ({ alias }) => alias === mark);
};

/**
 * Deletes the veths of the network that no attachment in the list has, and those of ADDs that were killed before they
 * could mark them: no ADD is on its way during GC (spec 1.1.0, section 4). @throws FaultError
 */
export const removeOthers = (kernel: Kernel, r: R, valid: readonly Attachment[]): void => {
  const keep = new Set(valid.map((a) => markOf({ network: r.network, ...a })));
  const ours = networkMark(r.network);
  const unmarked = birthGroup(r.network);
  delVeths(kernel, ({ alias, group }) =>
    alias === undefined ? group === unmarked : alias.startsWith(ours) && !keep.has(alias),
  );
};

const delVeths = (kernel: Kernel, match: (l: Link) => boolean): void => {
  const found = listLinks(kernel.host).filter((l) => isVeth(l) && match(l));
  del(
    kernel,
    found.map((l) => ({ name: l.name, in: "" })),
  );
};

const del = (kernel: Kernel, links: readonly { name: string; in: string }[]): void => {
  const steps = links.map((l) => ({ do: "link.del", ...l, orGone: true }) as const);
  const { failed } = applyEach(kernel, steps);
  if (failed.length > 0) throw joinFaults(failed.map((f) => f.error));
};

/** Deletes the gateway of the VLAN when we made it and no other port is in that VLAN. @throws FaultError */
export const removeUnusedGateway = (kernel: Kernel, c: BridgeConfig): void => {
  if (c.vlan === undefined) return;
  const name = gatewayLink(c);
  const gateway = findLink(kernel.host, name);
  const bridge = gateway && findLink(kernel.host, c.bridge);
  if (!gateway || !bridge || gateway.alias !== gatewayMark(name)) return;
  const ports = new Set(
    listLinks(kernel.host)
      .filter((l) => l.master === bridge.index && l.index !== gateway.peer)
      .map((l) => l.index),
  );
  if (!listVlans(kernel.host).some((v) => v.vid === c.vlan && ports.has(v.link))) del(kernel, [{ name, in: "" }]);
};
