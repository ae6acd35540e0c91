/** Links: RTM_NEWLINK, RTM_DELLINK, RTM_GETLINK (linux/if_link.h, struct ifinfomsg). `ip link`. */
import { at, attrs, body, many, NLA_F_NESTED } from "../attrs.ts";
import { chars, raw, s32, str, u8, u16, u32 } from "../codec.ts";
import { mac } from "../fields.ts";
import { bridgePort } from "../link-kinds/bridge-port.ts";
import { linkInfo } from "../link-kinds/registry.ts";
import { struct } from "../struct.ts";

export const RTM_LINK = { new: 16, del: 17, get: 18, set: 19 } as const;

/** IFF_* (linux/if.h). */
export const IFF = {
  up: 1,
  broadcast: 2,
  loopback: 8,
  noarp: 0x80,
  promisc: 0x100,
  allmulti: 0x200,
  multicast: 0x1000,
  lowerUp: 0x10000,
} as const;

const settable = ["up", "promisc", "allmulti"] as const;

/** Flags to be set or cleared, and which of them are meant: the two fields of struct ifinfomsg. */
export const linkFlags = (set: { readonly [K in (typeof settable)[number]]?: boolean }) => {
  let [flags, change] = [0, 0];
  for (const name of settable) {
    if (set[name] === undefined) continue;
    change |= IFF[name];
    if (set[name]) flags |= IFF[name];
  }
  return { flags, change };
};

/** IF_OPER_* (RFC 2863), by number. */
export const operstates = ["UNKNOWN", "NOTPRESENT", "DOWN", "LOWERLAYERDOWN", "TESTING", "DORMANT", "UP"] as const;

const ifinfomsg = struct({ family: u8, _pad: u8, type: u16, index: s32, flags: u32, change: u32 });

/** struct bridge_vlan_info (linux/if_bridge.h). */
const vlanInfo = struct({ flags: u16, vid: u16 });
export const BRIDGE_VLAN = { master: 1, pvid: 2, untagged: 4, rangeBegin: 8, rangeEnd: 16 } as const;

/** IFLA_AF_SPEC of an AF_BRIDGE message: the VLANs of a port. */
export const bridgeAfSpec = attrs(() => ({
  bridgeFlags: at(0, u16),
  bridgeMode: at(1, u16),
  vlans: many<ReturnType<typeof vlanInfo.read>>(2, vlanInfo),
}));

const table = {
  address: at(1, mac),
  broadcast: at(2, mac),
  ifname: at(3, str),
  mtu: at(4, u32),
  link: at(5, s32),
  qdisc: at(6, str),
  master: at(10, u32),
  /** Port settings of a bridge's member, only in AF_BRIDGE messages. */
  protinfo: at(12 | NLA_F_NESTED, bridgePort),
  txqlen: at(13, u32),
  operstate: at(16, u8),
  linkmode: at(17, u8),
  netNsPid: at(19, u32),
  ifalias: at(20, chars),
  /** Per-family settings; `bridgeAfSpec` reads it when `family` is AF_BRIDGE. */
  afSpec: at(26 | NLA_F_NESTED, raw),
  group: at(27, u32),
  netNsFd: at(28, u32),
  extMask: at(29, u32),
  promiscuity: at(30, u32),
  numTxQueues: at(31, u32),
  numRxQueues: at(32, u32),
  carrier: at(33, u8),
  linkNetnsid: at(37, s32),
  minMtu: at(50, u32),
  maxMtu: at(51, u32),
};

/** A link without its kind: all that a veth's peer, which lies within the kind's data, can have. */
const plainLink = body(ifinfomsg, attrs(table));
const linkinfo = at(18 | NLA_F_NESTED, linkInfo(plainLink));
export const link = body(ifinfomsg, attrs({ ...table, linkinfo }));
const { ifname, mtu, address, operstate, group, master, link: lower, linkNetnsid, ifalias, txqlen } = table;
/** What most who look at a link want of it: the kernel tells some fifty things of each. Only to read with. */
export const linkBrief = body(
  ifinfomsg,
  attrs(
    { ifname, mtu, address, operstate, group, master, link: lower, linkNetnsid, ifalias, txqlen, linkinfo },
    { unknown: "drop" },
  ),
);
/** What ADD tells of a link: its kind's data is most of the work of reading one. Only to read with. */
export const linkFace = body(ifinfomsg, attrs({ ifname, mtu, address, master }, { unknown: "drop" }));
export type LinkMessage = ReturnType<typeof link.read>;
export type LinkBriefMessage = ReturnType<typeof linkBrief.read>;
export type Peer = Parameters<typeof plainLink.write>[0];
