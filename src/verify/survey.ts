/** Which addresses an endpoint really holds, asked of the kernel in its namespace. */
import { family, type Ip, isLinkLocal6 } from "../base/ip.ts";
import { listAddresses } from "../net/addresses.ts";
import type { Netns } from "../net/kernel.ts";
import { listLinks } from "../net/links.ts";

export interface HeldAddress {
  readonly ip: Ip;
  /** Bytes: of the link that holds the address; of the smallest link that is up when that is the loopback. */
  readonly mtu: number;
  /** Why the address cannot be used yet. */
  readonly unusable?: string;
}

const IFF_LOOPBACK = 8;
const IFA_F_DADFAILED = 0x08;
const IFA_F_TENTATIVE = 0x40;
const IFA_F_OPTIMISTIC = 0x04;

const unusable = (flags: number): string | undefined =>
  flags & IFA_F_DADFAILED
    ? "duplicate address detection found another holder (dadfailed)"
    : flags & IFA_F_TENTATIVE && !(flags & IFA_F_OPTIMISTIC)
      ? "duplicate address detection is not finished (tentative)"
      : undefined;

/** Addresses of scope global on links that are up, in the kernel's order: 127.0.0.1, ::1 and fe80:: are not among them. */
export const heldAddresses = (ns: Netns): HeldAddress[] => {
  const links = listLinks(ns).filter((l) => l.up);
  const mtus = links.filter((l) => !(l.flags & IFF_LOOPBACK)).map((l) => l.mtu);
  return listAddresses(ns)
    .filter((a) => a.scope === 0 && !isLinkLocal6(a.address.ip))
    .flatMap((a): HeldAddress[] => {
      const link = links.find((l) => l.index === a.link);
      if (!link) return [];
      const why = family(a.address.ip) === 6 ? unusable(a.flags) : undefined;
      const mtu = link.flags & IFF_LOOPBACK ? Math.min(link.mtu, ...mtus) : link.mtu;
      return [{ ip: a.address.ip, mtu, ...(why ? { unusable: why } : {}) }];
    });
};
