/** `info_data` of a bridge, and `info_slave_data` of its ports (linux/if_link.h, IFLA_BR_*, IFLA_BRPORT_*). */
import type { AttrIndex } from "../../../kernel/codec/attr-index.ts";
import {
  all,
  bool,
  etherType,
  type Field,
  fields,
  hex16,
  hexText,
  linkName,
  mac,
  noWord,
  type Spell,
  u8,
  u16,
  u32,
  u64,
  word,
} from "../fields.ts";

/** struct ifla_bridge_id: `8000.2:0:0:0:0:1`. */
const bridgeId: Spell = (a, t) => {
  const b = a.raw(t);
  if (!b || b.length < 8) return undefined;
  const two = (n: number): string => n.toString(16).padStart(2, "0");
  return `${two(b[0]!)}${two(b[1]!)}.${[...b.subarray(2, 8)].map((n) => n.toString(16)).join(":")}`;
};
/** Seconds, from 1/100 s. */
const timer: Spell = (a, t) => (a.u64(t) ?? 0) / 100;
const onOff: Spell = bool;

const boolopts = (a: AttrIndex, bit: number): number | undefined => {
  const b = a.raw(46);
  if (!b || b.length < 8) return undefined;
  const v = new DataView(b.buffer);
  return v.getUint32(4, true) & bit ? (v.getUint32(0, true) & bit ? 1 : 0) : undefined;
};

const before: readonly Field[] = [
  [1, "forward_delay", u32],
  [2, "hello_time", u32],
  [3, "max_age", u32],
  [4, "ageing_time", u32],
  [5, "stp_state", u32],
  [6, "priority", u16],
  [7, "vlan_filtering", u8],
  [8, "vlan_protocol", etherType],
  [11, "bridge_id", bridgeId],
  [10, "root_id", bridgeId],
  [12, "root_port", u16],
  [13, "root_path_cost", u32],
  [14, "topology_change", u8],
  [15, "topology_change_detected", u8],
  [16, "hello_timer", timer],
  [17, "tcn_timer", timer],
  [18, "topology_change_timer", timer],
  [19, "gc_timer", timer],
  [48, "fdb_n_learned", u32],
  [49, "fdb_max_learned", u32],
  [39, "vlan_default_pvid", u16],
  [41, "vlan_stats_enabled", u8],
  [45, "vlan_stats_per_port", u8],
  [9, "group_fwd_mask", hex16],
  [20, "group_addr", mac],
  [23, "mcast_snooping", u8],
];
const after: readonly Field[] = [
  [22, "mcast_router", u8],
  [24, "mcast_query_use_ifaddr", u8],
  [25, "mcast_querier", u8],
  [26, "mcast_hash_elasticity", u32],
  [27, "mcast_hash_max", u32],
  [28, "mcast_last_member_cnt", u32],
  [29, "mcast_startup_query_cnt", u32],
  [30, "mcast_last_member_intvl", u64],
  [31, "mcast_membership_intvl", u64],
  [32, "mcast_querier_intvl", u64],
  [33, "mcast_query_intvl", u64],
  [34, "mcast_query_response_intvl", u64],
  [35, "mcast_startup_query_intvl", u64],
  [42, "mcast_stats_enabled", u8],
  [43, "mcast_igmp_version", u8],
  [44, "mcast_mld_version", u8],
  [36, "nf_call_iptables", u8],
  [37, "nf_call_ip6tables", u8],
  [38, "nf_call_arptables", u8],
];

export const bridge = all(
  fields(before),
  (a, out) => {
    const learn = boolopts(a, 1);
    if (learn !== undefined) out.no_linklocal_learn = learn;
    const vlans = boolopts(a, 2);
    if (vlans !== undefined) out.mcast_vlan_snooping = vlans;
  },
  fields(after),
);

const states = { 0: "disabled", 1: "listening", 2: "learning", 3: "forwarding", 4: "blocking" };
const masked: Readonly<Record<number, string>> = { 0: "stp", 2: "lacp", 14: "lldp" };

/** Names of the link-local groups that a port lets pass. */
const maskText: Spell = (a, t) => {
  const mask = a.u16(t) ?? 0;
  const names: string[] = [];
  for (let bit = 0; bit < 16; bit++) if (mask & (1 << bit)) names.push(masked[bit] ?? hexText(1 << bit));
  return names.length === 0 ? "0x0" : names.join(",");
};

export const bridgePort = fields([
  [1, "state", word(states, u8, noWord)],
  [2, "priority", u16],
  [3, "cost", u32],
  [4, "hairpin", onOff],
  [5, "guard", onOff],
  [6, "root_block", onOff],
  [7, "fastleave", onOff],
  [8, "learning", onOff],
  [9, "flood", onOff],
  [17, "id", hex16],
  [18, "no", hex16],
  [15, "designated_port", u16],
  [16, "designated_cost", u16],
  [14, "bridge_id", bridgeId],
  [13, "root_id", bridgeId],
  [23, "hold_timer", timer],
  [21, "message_age_timer", timer],
  [22, "forward_delay_timer", timer],
  [19, "topology_change_ack", u8],
  [20, "config_pending", u8],
  [10, "proxy_arp", onOff],
  [12, "proxy_arp_wifi", onOff],
  [25, "multicast_router", u8],
  [27, "mcast_flood", onOff],
  [30, "bcast_flood", onOff],
  [28, "mcast_to_unicast", onOff],
  [32, "neigh_suppress", onOff],
  [31, "group_fwd_mask", hex16],
  [31, "group_fwd_mask_str", maskText],
  [29, "vlan_tunnel", onOff],
  [33, "isolated", onOff],
  [39, "locked", onOff],
  [34, "backup_port", linkName],
]);
