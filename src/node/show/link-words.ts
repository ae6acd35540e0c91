/** What links are called: flags, states, hardware types and link-layer addresses as `ip` spells them. */
import type { AttrIndex } from "../../kernel/codec/attr-index.ts";
import { addressText } from "./address-words.ts";

/** IF_OPER_* by number. */
export const operstates = ["UNKNOWN", "NOTPRESENT", "DOWN", "LOWERLAYERDOWN", "TESTING", "DORMANT", "UP"] as const;
export const linkmodes = ["DEFAULT", "DORMANT"] as const;

export const IFF_UP = 1;
export const IFF_POINTOPOINT = 0x10;
const IFF_RUNNING = 0x40;

/** IFF_*, in the order in which they are named. */
const flagNames: readonly (readonly [number, string])[] = [
  [0x8, "LOOPBACK"],
  [0x2, "BROADCAST"],
  [IFF_POINTOPOINT, "POINTOPOINT"],
  [0x1000, "MULTICAST"],
  [0x80, "NOARP"],
  [0x200, "ALLMULTI"],
  [0x100, "PROMISC"],
  [0x400, "MASTER"],
  [0x800, "SLAVE"],
  [0x4, "DEBUG"],
  [0x8000, "DYNAMIC"],
  [0x4000, "AUTOMEDIA"],
  [0x2000, "PORTSEL"],
  [0x20, "NOTRAILERS"],
  [IFF_UP, "UP"],
  [0x10000, "LOWER_UP"],
  [0x20000, "DORMANT"],
  [0x40000, "ECHO"],
];

const known = new Map<number, readonly string[]>();

/** Names of a link's flags. Up without a carrier says so, and RUNNING is not named. The list is shared: do not change it. */
export const linkFlagNames = (flags: number): readonly string[] => {
  const before = known.get(flags);
  if (before) return before;
  const names = (flags & IFF_UP) !== 0 && (flags & IFF_RUNNING) === 0 ? ["NO-CARRIER"] : [];
  let rest = flags & ~IFF_RUNNING;
  for (const [bit, name] of flagNames) {
    if ((rest & bit) === 0) continue;
    names.push(name);
    rest &= ~bit;
  }
  if (rest !== 0) names.push((rest >>> 0).toString(16));
  known.set(flags, names);
  return names;
};

/** ARPHRD_* (linux/if_arp.h). */
const types: Readonly<Record<number, string>> = {
  0: "netrom",
  1: "ether",
  2: "eether",
  6: "ieee802",
  24: "ieee1394",
  32: "infiniband",
  256: "slip",
  280: "can",
  512: "ppp",
  513: "hdlc",
  519: "rawhdlc",
  768: "ipip",
  769: "tunnel6",
  772: "loopback",
  776: "sit",
  778: "gre",
  779: "pimreg",
  801: "ieee802.11",
  802: "ieee802.11/prism",
  803: "ieee802.11/radiotap",
  804: "ieee802.15.4",
  805: "ieee802.15.4/monitor",
  820: "phonet",
  821: "phonet_pipe",
  822: "caif",
  823: "gre6",
  824: "netlink",
  825: "6lowpan",
  65534: "none",
  65535: "void",
};
export const linkType = (type: number): string => types[type] ?? `[${type}]`;

const [tunnel, tunnel6, sit, gre, gre6] = [768, 769, 776, 778, 823];

/** A link-layer address: of tunnels it is an IP address. */
export const linkAddress = (a: AttrIndex, attr: number, type: number): string | undefined => {
  const size = a.size(attr);
  if (size === 4 && (type === tunnel || type === sit || type === gre)) return a.ip(attr);
  if (size === 16 && (type === tunnel6 || type === gre6)) return addressText(a, attr);
  return a.mac(attr);
};
