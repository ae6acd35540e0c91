/** The link behind a lease, found again: not another that came to its name or its namespace's path meanwhile. */
import { FaultError } from "../../../base/fault.ts";
import { ownNetnsCookie } from "../../../kernel/os/netns.ts";
import type { Kernel, Netns } from "../../../net/kernel.ts";
import { findLink, findLinkByIndex, type Link } from "../../../net/links.ts";
import { openIfThere } from "../../attach/veths.ts";
import type { LeasedLink } from "./lease.ts";

export interface Found {
  readonly ns: Netns;
  readonly link: Link;
}

/** No other namespace of this boot has it. */
export const netnsIdOf = (ns: Netns): string => ns.enter(ownNetnsCookie);

/**
 * By its index, which no other link of that namespace ever gets: its name and its MAC may have been changed since. `path`:
 * where the namespace is seen from here; it may be another than the one that is remembered.
 */
export const findLeased = (kernel: Kernel, at: LeasedLink, path: string): Found | undefined => {
  const ns = openIfThere(kernel, path);
  if (!ns || netnsIdOf(ns) !== at.netnsId) return undefined;
  const link = findLinkByIndex(ns, at.index);
  return link && { ns, link };
};

/** The link that a lease is wanted for, and how to know it again. @throws FaultError bad-netns, not-found */
export const needLink = (
  kernel: Kernel,
  netns: string,
  path: string,
  ifname: string,
): Found & { readonly at: LeasedLink } => {
  const ns = kernel.open(path);
  const link = findLink(ns, ifname);
  if (!link)
    throw new FaultError({
      kind: "not-found",
      what: `interface ${ifname} in ${path}`,
      why: "is not there, and dhcp works through it: the main plugin makes it before it asks for an address",
      fix: "put dhcp into the ipam of a plugin such as bridge or macvlan",
    });
  if (link.mac === undefined || link.mac.length !== 17)
    throw new FaultError({
      kind: "unsupported",
      key: "ipam.type",
      value: '"dhcp"',
      why: `${ifname} (${link.kind ?? "a plain device"}) has no Ethernet address`,
    });
  return { ns, link, at: { netns, netnsId: netnsIdOf(ns), index: link.index, mac: link.mac } };
};
