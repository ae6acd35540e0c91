/** Addresses as `ip -j address` prints them: each link with its own. */
import { AttrIndex } from "../../kernel/codec/attr-index.ts";
import type { Received } from "../../kernel/codec/received.ts";
import type { Netns } from "../../net/kernel.ts";
import { addressText } from "./address-words.ts";
import type { LinkForm, LinkRow } from "./link-row.ts";
import { readLinks } from "./links.ts";
import { named, nameIn } from "./names.ts";
import { AF_INET6, dumpPayload, type FamilyChoice, familyName } from "./request.ts";

export interface AddressRow {
  family: string;
  local?: string;
  /** The other end's, of a point-to-point address. */
  address?: string;
  prefixlen?: number;
  metric?: number;
  broadcast?: string;
  scope: string;
  label?: string;
  /** Seconds; 4294967295 is for ever. */
  valid_life_time?: number;
  preferred_life_time?: number;
  [more: string]: unknown;
}
export interface LinkAddressesRow extends LinkRow {
  addr_info: AddressRow[];
}

const RTM_GETADDR = 22;
const IFADDRMSG = 8;
/** IFA_*: see linux/if_addr.h. */
const T = {
  address: 1,
  local: 2,
  label: 3,
  broadcast: 4,
  anycast: 5,
  cacheinfo: 6,
  multicast: 7,
  flags: 8,
  rtPriority: 9,
  proto: 11,
} as const;

const PERMANENT = 0x80;
const SECONDARY = 1;
/** IFA_F_*, in the order in which they are said. */
const flagNames: readonly (readonly [number, string])[] = [
  [SECONDARY, "secondary"],
  [2, "nodad"],
  [4, "optimistic"],
  [8, "dadfailed"],
  [0x10, "home"],
  [0x20, "deprecated"],
  [0x40, "tentative"],
  [PERMANENT, "permanent"],
  [0x100, "mngtmpaddr"],
  [0x200, "noprefixroute"],
  [0x400, "autojoin"],
  [0x800, "stable-privacy"],
];

const sayFlags = (row: AddressRow, family: number, flags: number): void => {
  let rest = flags;
  for (const [bit, name] of flagNames) {
    if (bit === PERMANENT) {
      if (!(flags & PERMANENT)) row.dynamic = true;
    } else if (flags & bit) row[bit === SECONDARY && family === AF_INET6 ? "temporary" : name] = true;
    rest &= ~bit;
  }
  if (rest !== 0) row.ifa_flags = (rest >>> 0).toString(16).padStart(2, "0");
};

const top = new AttrIndex(T.proto);

/** Reads one message: the address, and the index of its link. */
export const readAddress = (of: Received, from: number, to: number): { index: number; row: AddressRow } => {
  const { bytes, view } = of;
  const a = top.fill(of, from + IFADDRMSG, to);
  const family = bytes[from]!;
  const row = { family: familyName(family) } as AddressRow;
  const given = addressText(a, T.address);
  const local = addressText(a, T.local) ?? given;
  if (local !== undefined) {
    row.local = local;
    if (given !== undefined && given !== local) row.address = given;
    row.prefixlen = bytes[from + 1]!;
    const metric = a.u32(T.rtPriority);
    if (metric !== undefined) row.metric = metric;
  }
  for (const name of ["broadcast", "anycast", "multicast"] as const) {
    const text = addressText(a, T[name]);
    if (text !== undefined) row[name] = text;
  }
  row.scope = named("rt_scopes", bytes[from + 3]!);
  sayFlags(row, family, a.u32(T.flags) ?? bytes[from + 2]!);
  const protocol = a.u8(T.proto);
  if (protocol !== undefined) row.protocol = nameIn("rt_addrprotos", protocol) ?? `0x${protocol.toString(16)}`;
  const label = a.text(T.label);
  if (label !== undefined) row.label = label;
  const life = a.place(T.cacheinfo);
  if (life && life.to - life.from >= 8) {
    row.valid_life_time = view.getUint32(life.from + 4, true);
    row.preferred_life_time = view.getUint32(life.from, true);
  }
  return { index: view.getUint32(from + 4, true), row };
};

/** Addresses by the index of their link. */
export const dumpAddresses = (ns: Netns, family: FamilyChoice): Map<number, AddressRow[]> => {
  const found = new Map<number, AddressRow[]>();
  const af = family === 4 ? 2 : family === 6 ? AF_INET6 : 0;
  ns.rt.scan(
    { type: RTM_GETADDR, op: "ip address", payload: dumpPayload(IFADDRMSG, af) },
    (of, _, from, to) => {
      const { index, row } = readAddress(of, from, to);
      const list = found.get(index);
      if (list) list.push(row);
      else found.set(index, [row]);
    },
    () => found.clear(),
  );
  return found;
};

/** `ip address`; of one family, the links that have one of it. */
export const readAddresses = (
  ns: Netns,
  family: FamilyChoice,
  form: Omit<LinkForm, "of">,
  linkName: (index: number) => string,
): LinkAddressesRow[] => {
  const links = readLinks(ns, { ...form, of: "address" }, linkName);
  const found = dumpAddresses(ns, family);
  const all = links.map((link) => Object.assign(link, { addr_info: found.get(link.ifindex) ?? [] }));
  return family === undefined ? all : all.filter((link) => link.addr_info.length > 0);
};
