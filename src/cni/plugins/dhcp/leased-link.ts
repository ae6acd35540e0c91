/** The link behind a lease, found again: not another that came to its name or its namespace's path meanwhile. */
import { FaultError } from "../../../base/fault.ts";
import { statSync } from "../../../kernel/os/files.ts";
import type { Kernel, Netns } from "../../../net/kernel.ts";
import { findLink, findLinkByIndex, type Link } from "../../../net/links.ts";
import { openIfThere } from "../../attach/veths.ts";
import type { LeasedLink } from "./lease.ts";

export interface Found {
  readonly ns: Netns;
  readonly link: Link;
}

/** Device and inode of a namespace's file: its identity while it lives. */
const netnsIdOf = (path: string): string => {
  const { dev, ino } = statSync(path);
  return `${dev}:${ino}`;
};

/** `path`: where the namespace is seen from here; it may be another than the one that is remembered. */
export const findLeased = (kernel: Kernel, at: LeasedLink, path: string): Found | undefined => {
  const ns = openIfThere(kernel, path);
  if (!ns || netnsIdOf(path) !== at.netnsId) return undefined;
  const link = findLinkByIndex(ns, at.index);
  return link?.mac === at.mac ? { ns, link } : undefined;
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
  return { ns, link, at: { netns, netnsId: netnsIdOf(path), index: link.index, mac: link.mac } };
};
