/** `info_data` of links that lie on another: macvlan, ipvlan, vlan, vrf, and of tun and tap (linux/if_link.h). */
import type { Json } from "../../../base/json-types.ts";
import { bool, etherType, type Fields, fields, type Show, type Spell, u16, u32, unknownWord, word } from "../fields.ts";
import { userName } from "../users.ts";

const macvlanModes = { 1: "private", 2: "vepa", 4: "bridge", 8: "passthru", 16: "source" };
const flag =
  (bit: number): Spell =>
  (a, t) =>
    (a.u16(t) ?? 0) & bit ? true : undefined;
const macs: Spell = (a, t) => {
  const out: string[] = [];
  a.each(t, (type, { bytes }, from, to) => {
    if (type === 4 && to - from >= 6)
      out.push([...bytes.subarray(from, from + 6)].map((n) => n.toString(16).padStart(2, "0")).join(":"));
  });
  return out;
};
const SOURCE = 16;

/** macvtap has the same. */
export const macvlan: Show = (a, out, see) => {
  fields([
    [1, "mode", word(macvlanModes, u32, unknownWord)],
    [2, "nopromisc", flag(1)],
    [2, "nodst", flag(2)],
    [7, "bcqueuelen", u32],
    [8, "usedbcqueuelen", u32],
  ])(a, out, see);
  if (a.u32(1) !== SOURCE) return;
  fields([
    [6, "macaddr_count", u32],
    [5, "macaddr_data", macs],
  ])(a, out, see);
};

/** ipvtap has the same. */
export const ipvlan: Show = (a, out, see) => {
  fields([[1, "mode", word({ 0: "l2", 1: "l3", 2: "l3s" }, u16, unknownWord)]])(a, out, see);
  const flags = a.u16(2);
  if (flags !== undefined) out[flags & 1 ? "private" : flags & 2 ? "vepa" : "bridge"] = true;
};

const vlanFlags: readonly (readonly [number, string])[] = [
  [1, "REORDER_HDR"],
  [2, "GVRP"],
  [8, "MVRP"],
  [4, "LOOSE_BINDING"],
  [16, "BRIDGE_BINDING"],
];
const flagNames: Spell = (a, t) => {
  let rest = a.u32(t) ?? 0;
  const names: string[] = [];
  for (const [bit, name] of vlanFlags) {
    if (rest & bit) names.push(name);
    rest &= ~bit;
  }
  return rest === 0 ? names : [...names, rest.toString(16)];
};
/** struct ifla_vlan_qos_mapping. */
const priorities: Spell = (a, t) => {
  const out: Json[] = [];
  a.each(t, (_, { view }, from, to) => {
    if (to - from >= 8) out.push({ from: view.getUint32(from, true), to: view.getUint32(from + 4, true) });
  });
  return out;
};
export const vlan = fields([
  [5, "protocol", etherType],
  [1, "id", u16],
  [2, "flags", flagNames],
  [4, "ingress_qos", priorities],
  [3, "egress_qos", priorities],
]);

/** A VRF, and a link in one. */
export const vrf = fields([[1, "table", u32]]);

const user: Spell = (a, t) => {
  const uid = a.u32(t);
  return uid === undefined ? undefined : (userName(uid) ?? uid);
};
const group: Spell = (a, t) => a.u32(t);

export const tun: Show = (a, out: Fields, see) => {
  fields([
    [
      3,
      "type",
      word(
        { 1: "tun", 2: "tap" },
        (b, t) => b.u8(t),
        (n) => `UNKNOWN:${n}`,
      ),
    ],
    [4, "pi", bool],
    [5, "vnet_hdr", bool],
  ])(a, out, see);
  out.multi_queue = a.u8(7) === 1;
  if (a.u8(7) === 1)
    fields([
      [8, "numqueues", u32],
      [9, "numdisabled", u32],
    ])(a, out, see);
  fields([
    [6, "persist", bool],
    [1, "user", user],
    [2, "group", group],
  ])(a, out, see);
};
