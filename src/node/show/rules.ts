/** Routing policy rules as `ip -j rule` prints them. */
import { AttrIndex } from "../../kernel/codec/attr-index.ts";
import type { Received } from "../../kernel/codec/received.ts";
import type { Netns } from "../../net/kernel.ts";
import { addressText } from "./address-words.ts";
import { hexText } from "./fields.ts";
import { named, nameIn, routeTypes } from "./names.ts";
import { AF_INET, dumpPayload, type FamilyChoice, familiesOf } from "./request.ts";

export interface RuleRow {
  /** `inet6`, where both families are shown. */
  family?: string;
  priority: number;
  /** `all`, or an address; with `srclen` when it is a network. */
  src: string;
  srclen?: number;
  dst?: string;
  dstlen?: number;
  fwmark?: string;
  fwmask?: string;
  iif?: string;
  oif?: string;
  table?: string;
  /** Absent: looks in `table`. */
  action?: string;
  goto?: number | string;
  protocol?: string;
  [more: string]: unknown;
}

const RTM_GETRULE = 34;
const RULE_HEADER = 12;
/** FRA_*: see linux/fib_rules.h. */
const T = {
  dst: 1,
  src: 2,
  iif: 3,
  goto: 4,
  priority: 6,
  fwmark: 10,
  flow: 11,
  tunId: 12,
  suppressIfgroup: 13,
  suppressPrefixlen: 14,
  table: 15,
  fwmask: 16,
  oif: 17,
  l3mdev: 19,
  uidRange: 20,
  protocol: 21,
  ipProto: 22,
  sport: 23,
  dport: 24,
  dscp: 26,
} as const;
const FLAG = { invert: 2, unresolved: 4, iifDetached: 8, oifDetached: 16 } as const;
const ACT = { toTable: 1, goto: 2, nop: 3 } as const;
const RTPROT_KERNEL = 2;
/** getprotobyname(3), as far as rules are likely to have them. */
const protocols: Readonly<Record<number, string>> = {
  1: "icmp",
  2: "igmp",
  4: "ipencap",
  6: "tcp",
  17: "udp",
  33: "dccp",
  41: "ipv6",
  47: "gre",
  50: "esp",
  51: "ah",
  58: "ipv6-icmp",
  89: "ospf",
  132: "sctp",
  136: "udplite",
};
const top = new AttrIndex(T.dscp);

export interface RuleForm {
  /** Says, as `ip -d`, also when the kernel made it. */
  readonly details: boolean;
  /** Rules of both families are told apart: those of IPv6 say so. */
  readonly families: boolean;
}

/** Reads one message. */
export const readRule = (of: Received, from: number, to: number, form: RuleForm): RuleRow => {
  const { bytes, view } = of;
  const whole = bytes[from]! === AF_INET ? 32 : 128;
  const flags = view.getUint32(from + 8, true);
  const a = top.fill(of, from + RULE_HEADER, to);
  const row = { priority: a.u32(T.priority) ?? 0 } as RuleRow;
  if (flags & FLAG.invert) row.not = null;
  const ends = [
    ["src", T.src, bytes[from + 2]!],
    ["dst", T.dst, bytes[from + 1]!],
  ] as const;
  for (const [name, attr, length] of ends) {
    const text = addressText(a, attr) ?? (length > 0 ? "0" : name === "src" ? "all" : undefined);
    if (text === undefined) continue;
    row[name] = text;
    if (length > 0 && length !== whole) row[`${name}len`] = length;
  }
  const tos = bytes[from + 3]!;
  if (tos !== 0) row.tos = nameIn("rt_dsfield", tos) ?? `0x${tos.toString(16).padStart(2, "0")}`;
  marks(a, row);
  interfaces(a, row, flags);
  traffic(a, row);
  const table = a.u32(T.table) ?? bytes[from + 4]!;
  if (table !== 0) {
    row.table = named("rt_tables", table);
    const prefixlen = a.s32(T.suppressPrefixlen);
    if (prefixlen !== undefined && prefixlen !== -1) row.suppress_prefixlen = prefixlen;
    const group = a.s32(T.suppressIfgroup);
    if (group !== undefined && group !== -1) row.suppress_ifgroup = named("group", group);
  }
  const flow = a.u32(T.flow);
  if (flow !== undefined) {
    if (flow >>> 16) row.flow_from = named("rt_realms", flow >>> 16);
    row.flow_to = named("rt_realms", flow & 0xffff);
  }
  act(a, row, bytes[from + 7]!, flags);
  const protocol = a.u8(T.protocol);
  if (protocol !== undefined && ((protocol !== 0 && protocol !== RTPROT_KERNEL) || form.details))
    row.protocol = named("rt_protos", protocol);
  const dscp = a.u8(T.dscp);
  if (dscp !== undefined) row.dscp = nameIn("rt_dsfield", dscp << 2) ?? String(dscp);
  if (form.families && whole === 128) row.family = "inet6";
  return row;
};

const marks = (a: AttrIndex, row: RuleRow): void => {
  if (!a.has(T.fwmark) && !a.has(T.fwmask)) return;
  const mask = a.u32(T.fwmask);
  row.fwmark = hexText(a.u32(T.fwmark) ?? 0);
  if (mask !== undefined && mask !== 0xffffffff) row.fwmask = hexText(mask);
};

const interfaces = (a: AttrIndex, row: RuleRow, flags: number): void => {
  const iif = a.text(T.iif);
  if (iif !== undefined) {
    row.iif = iif;
    if (flags & FLAG.iifDetached) row.iif_detached = null;
  }
  const oif = a.text(T.oif);
  if (oif !== undefined) {
    row.oif = oif;
    if (flags & FLAG.oifDetached) row.oif_detached = null;
  }
  if (a.u8(T.l3mdev)) row.l3mdev = null;
};

const traffic = (a: AttrIndex, row: RuleRow): void => {
  const uids = a.place(T.uidRange);
  if (uids) {
    row.uid_start = uids.of.view.getUint32(uids.from, true);
    row.uid_end = uids.of.view.getUint32(uids.from + 4, true);
  }
  const protocol = a.u8(T.ipProto);
  if (protocol !== undefined) row.ipproto = protocols[protocol] ?? `ipproto-${protocol}`;
  for (const name of ["sport", "dport"] as const) {
    const range = a.place(T[name]);
    if (!range) continue;
    const [first, last] = [range.of.view.getUint16(range.from, true), range.of.view.getUint16(range.from + 2, true)];
    if (first === last) row[name] = first;
    else {
      row[`${name}_start`] = first;
      row[`${name}_end`] = last;
    }
  }
  const tunnel = a.place(T.tunId);
  if (tunnel) row.tun_id = Number(tunnel.of.view.getBigUint64(tunnel.from));
};

const act = (a: AttrIndex, row: RuleRow, action: number, flags: number): void => {
  if (action === ACT.goto) {
    row.goto = a.u32(T.goto) ?? "none";
    if (flags & FLAG.unresolved) row.unresolved = null;
  } else if (action === ACT.nop) row.nop = null;
  else if (action !== ACT.toTable) row.action = routeTypes[action] ?? String(action);
};

/** `ip rule`, `ip -6 rule`: IPv4 first. */
export const readRules = (ns: Netns, family: FamilyChoice, details: boolean): RuleRow[] => {
  const rows: RuleRow[] = [];
  const form = { details, families: family === undefined };
  for (const af of familiesOf(family)) {
    const before = rows.length;
    ns.rt.scan(
      { type: RTM_GETRULE, op: "ip rule", payload: dumpPayload(RULE_HEADER, af) },
      (of, _, from, to) => rows.push(readRule(of, from, to, form)),
      () => {
        rows.length = before;
      },
    );
  }
  return rows;
};
