/** DEL and GC of veths: what an attachment leaves on this host, found by where it is or by our mark, and taken away. */
import { FaultError, joinFaults } from "../../base/fault.ts";
import { applyEach } from "../../net/apply.ts";
import type { Kernel, Netns } from "../../net/kernel.ts";
import { findLink, findLinkByIndex, type Link, listLinks } from "../../net/links.ts";
import { birthGroup, isMark, markOf, networkMark } from "../mark.ts";
import type { Attachment, Request } from "../spec/types.ts";

type R = Request<unknown>;

/** The namespace, unless it is gone. */
export const openIfThere = (kernel: Kernel, path: string): Netns | undefined => {
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
export const removeVeth = (kernel: Kernel, r: R): void => {
  const mark = markOf(r);
  const pod = openIfThere(kernel, r.netns);
  if (pod && inPod(kernel, pod, r, mark)) removeLinks(kernel, [{ name: r.ifname, in: r.netns }]);
  // Not there under its name: renamed, or the caller has lost the namespace.
  else delVeths(kernel, ({ alias }) => alias === mark);
};

/**
 * Deletes the veths of the network that no attachment in the list has, and those of ADDs that were killed before they
 * could mark them: no ADD is on its way during GC (spec 1.1.0, section 4). @throws FaultError
 */
export const removeOtherVeths = (kernel: Kernel, network: string, valid: readonly Attachment[]): void => {
  const keep = new Set(valid.map((a) => markOf({ network, ...a })));
  const ours = networkMark(network);
  const unmarked = birthGroup(network);
  delVeths(kernel, ({ alias, group }) =>
    alias === undefined ? group === unmarked : alias.startsWith(ours) && !keep.has(alias),
  );
};

const delVeths = (kernel: Kernel, match: (l: Link) => boolean): void => {
  const found = listLinks(kernel.host).filter((l) => isVeth(l) && match(l));
  removeLinks(
    kernel,
    found.map((l) => ({ name: l.name, in: "" })),
  );
};

/** Deletes links; one that is gone will do. @throws FaultError, after every one has had its turn */
export const removeLinks = (kernel: Kernel, links: readonly { readonly name: string; readonly in: string }[]): void => {
  const steps = links.map((l) => ({ do: "link.del", ...l, orGone: true }) as const);
  const { failed } = applyEach(kernel, steps);
  if (failed.length > 0) throw joinFaults(failed.map((f) => f.error));
};
