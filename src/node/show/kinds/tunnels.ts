/** `info_data` of vxlan and geneve (linux/if_link.h, IFLA_VXLAN_*, IFLA_GENEVE_*). */
import type { AttrIndex } from "../../../kernel/codec/attr-index.ts";
import {
  address,
  all,
  be16,
  bool,
  type Fields,
  fields,
  hex8,
  hexText,
  ifNonZero,
  ifTrue,
  linkName,
  noWord,
  present,
  type Spell,
  u8,
  u32,
  word,
} from "../fields.ts";

const df = word({ 0: "unset", 1: "set", 2: "inherit" }, u8, noWord);
const ifTos: Spell = (a, t, see) => (a.u8(t) ? hex8(a, t, see) : undefined);
const flowLabel: Spell = (a, t) => (a.be32(t) ? hexText(a.be32(t)!) : undefined);

/** The address of the other side under one of two names: a group of many is told from one other. */
const other = (a: AttrIndex, out: Fields, type: number, group: string, remote: string): void => {
  const text = address(a, type, { link: String });
  if (typeof text !== "string") return;
  const first = a.raw(type)![0]!;
  const many = a.size(type) === 4 ? first >= 224 && first < 240 : first === 0xff;
  out[many ? group : remote] = text;
};

/** struct ifla_vxlan_port_range, big-endian. */
const portRange: Spell = (a, t) => {
  const n = a.be32(t);
  return n === undefined ? undefined : { low: n >>> 16, high: n & 0xffff };
};

export const vxlan = all(
  fields([
    [25, "external", ifTrue],
    [30, "vnifilter", ifTrue],
    [1, "id", u32],
  ]),
  (a, out) => {
    other(a, out, 2, "group", "remote");
    if (!a.has(2)) other(a, out, 16, "group6", "remote6");
  },
  fields([
    [4, "local", address],
    [17, "local6", address],
    [3, "link", linkName],
    [10, "port_range", portRange],
    [15, "port", be16],
    [7, "learning", bool],
    [11, "proxy", ifTrue],
    [12, "rsc", ifTrue],
    [13, "l2miss", ifTrue],
    [14, "l3miss", ifTrue],
    [6, "tos", ifTos],
  ]),
  (a, out) => {
    if (!a.u8(28) && a.has(5)) out.ttl = a.u8(5)!;
  },
  fields([
    [29, "df", df],
    [26, "label", flowLabel],
    [8, "ageing", u32],
    [9, "limit", ifNonZero],
    [18, "udp_csum", bool],
    [19, "udp_zero_csum6_tx", bool],
    [20, "udp_zero_csum6_rx", bool],
    [21, "remcsum_tx", ifTrue],
    [22, "remcsum_rx", ifTrue],
    [23, "gbp", present],
    [27, "gpe", present],
  ]),
);

export const geneve = all(
  fields([
    [6, "external", present],
    [1, "id", u32],
    [2, "remote", address],
    [7, "remote6", address],
  ]),
  (a, out) => {
    if (!a.u8(12) && a.has(3)) out.ttl = a.u8(3)!;
  },
  fields([
    [4, "tos", ifTos],
    [13, "df", df],
    [11, "label", flowLabel],
    [5, "port", be16],
    [8, "udp_csum", bool],
    [9, "udp_zero_csum6_tx", bool],
    [10, "udp_zero_csum6_rx", bool],
    [14, "inner_proto_inherit", present],
  ]),
);
