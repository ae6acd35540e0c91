/** Links as `ip -j link` prints them: rows read straight from the messages of a dump. */
import { AttrIndex, macText } from "../../kernel/codec/attr-index.ts";
import type { Received } from "../../kernel/codec/received.ts";
import type { Netns } from "../../net/kernel.ts";
import type { LinkForm, LinkRow } from "./link-row.ts";
import { IFF_POINTOPOINT, IFF_UP, linkAddress, linkFlagNames, linkmodes, linkType, operstates } from "./link-words.ts";
import { named } from "./names.ts";
import { Repeat } from "./repeat.ts";
import { dumpPayload } from "./request.ts";

const RTM_GETLINK = 18;
const IFINFOMSG = 16;
/** IFLA_*: see linux/if_link.h. */
const T = {
  address: 1,
  broadcast: 2,
  ifname: 3,
  mtu: 4,
  link: 5,
  qdisc: 6,
  master: 10,
  txqlen: 13,
  operstate: 16,
  linkmode: 17,
  linkinfo: 18,
  ifalias: 20,
  afSpec: 26,
  group: 27,
  extMask: 29,
  linkNetnsid: 37,
  protoDown: 39,
  propList: 52,
  altIfname: 53,
  permAddress: 54,
} as const;
/** What is a link's own, and what is not shown: counters, and settings of its families. */
const varying = [T.ifname, T.link, T.address, T.linkNetnsid, 26, 7, 23, 35, 47, 48] as const;
const MAC = 6;
/** VFs are told of, counters are not. */
const RTEXT_FILTER = 1 | 8;

/** Reads links from messages. Names of other links are left open until `settle`, when all are known. */
export const linkReader = (form: LinkForm, linkName: (index: number) => string) => {
  const top = new AttrIndex(67);
  const names = new Map<number, { readonly name: string; readonly flags: number }>();
  const rows: LinkRow[] = [];
  // Beside the rows: what they lie on and belong to, by index; 0 is nothing.
  const lowers: number[] = [];
  const masters: number[] = [];
  const nameOf = (index: number): string => names.get(index)?.name ?? linkName(index);
  const { details } = form;
  const isLink = form.of === "link";

  const repeat = new Repeat(varying);
  /** Where in a message the values lie that are its own; undefined: no message can be like the last. */
  let own:
    | {
        readonly name: number;
        readonly nameEnd: number;
        readonly link: number;
        readonly address: number;
        readonly netnsid: number;
      }
    | undefined;

  /** A link that differs from the one before in what is its own. */
  const addLike = (of: Received, from: number): boolean => {
    const { words, bytes } = of;
    const lower = own!.link === 0 ? 0 : words[(from + own!.link) >> 2]! | 0;
    if (own!.link !== 0 && lower === 0) return false;
    const ifindex = words[(from + 4) >> 2]! | 0;
    const ifname = bytes.toString("utf8", from + own!.name, from + own!.nameEnd);
    const row: LinkRow = { ...rows.at(-1)!, ifindex, ifname, address: macText(bytes, from + own!.address) };
    if (own!.netnsid !== 0) {
      row.link_netnsid = words[(from + own!.netnsid) >> 2]! | 0;
      if (own!.link !== 0) row.link_index = lower;
    }
    names.set(ifindex, { name: ifname, flags: words[(from + 8) >> 2]! });
    rows.push(row);
    lowers.push(own!.netnsid === 0 ? lower : 0);
    masters.push(masters.at(-1)!);
    return true;
  };

  /** After a whole reading: whether, and where, the next may differ. */
  const remember = (a: AttrIndex, row: LinkRow, from: number, to: number): void => {
    const name = a.place(T.ifname);
    const link = a.place(T.link);
    const address = a.place(T.address);
    own = undefined;
    repeat.forget();
    if (details || !name || row.link === null || row.permaddr !== undefined) return;
    if (!address || address.to - address.from !== MAC || a.has(T.permAddress)) return;
    const at = (place: typeof link): number => (place ? place.from - from : 0);
    own = {
      name: at(name),
      nameEnd: name.to - from - 1,
      link: at(link),
      address: at(address),
      netnsid: at(a.place(T.linkNetnsid)),
    };
    repeat.remember(a, from, to, [4, 8]);
  };

  const add = (of: Received, from: number, to: number): void => {
    if (own && repeat.has(of, from, to) && addLike(of, from)) return;
    const { halves, words } = of;
    const type = halves[(from >> 1) + 1]!;
    const ifindex = words[(from >> 2) + 1]! | 0;
    const flags = words[(from >> 2) + 2]!;
    const a = top.fill(of, from + IFINFOMSG, to);
    const ifname = a.text(T.ifname) ?? "";
    const row = { ifindex } as LinkRow;
    const lower = a.s32(T.link);
    const netnsid = a.s32(T.linkNetnsid);
    if (lower !== undefined) {
      if (lower !== 0 && netnsid !== undefined) row.link_index = lower;
      else row.link = lower === 0 ? null : "";
    }
    row.ifname = ifname;
    row.flags = linkFlagNames(flags);
    const mtu = a.u32(T.mtu);
    if (mtu !== undefined) row.mtu = mtu;
    const qdisc = a.text(T.qdisc);
    if (qdisc !== undefined) row.qdisc = qdisc;
    const master = a.u32(T.master) ?? 0;
    if (master !== 0) row.master = "";
    const operstate = a.u8(T.operstate);
    if (operstate !== undefined) {
      const word = operstates[operstate];
      if (word === undefined) row.operstate_index = operstate;
      else row.operstate = word;
    }
    const linkmode = isLink ? a.u8(T.linkmode) : undefined;
    if (linkmode !== undefined) {
      const word = linkmodes[linkmode];
      if (word === undefined) row.linkmode_index = linkmode;
      else row.linkmode = word;
    }
    const group = a.u32(T.group);
    if (group !== undefined) row.group = named("group", group);
    const txqlen = a.u32(T.txqlen);
    if (txqlen) row.txqlen = txqlen;
    row.link_type = linkType(type);
    const address = linkAddress(a, T.address, type);
    if (address !== undefined) row.address = address;
    const broadcast = linkAddress(a, T.broadcast, type);
    if (broadcast !== undefined) {
      if (flags & IFF_POINTOPOINT) row.link_pointtopoint = true;
      row.broadcast = broadcast;
    }
    const permanent = linkAddress(a, T.permAddress, type);
    if (permanent !== undefined && permanent !== address) row.permaddr = permanent;
    if (netnsid !== undefined) row.link_netnsid = netnsid;
    if (a.u8(T.protoDown)) row.proto_down = true;
    details?.(a, row, isLink);
    if (isLink || details) {
      const ifalias = a.text(T.ifalias);
      if (ifalias !== undefined) row.ifalias = ifalias;
    }
    if (a.has(T.propList)) row.altnames = altnames(a);
    names.set(ifindex, { name: ifname, flags });
    rows.push(row);
    lowers.push(row.link === "" ? lower! : 0);
    masters.push(master);
    remember(a, row, from, to);
  };

  const settle = (): LinkRow[] => {
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i]!;
      const lower = lowers[i]!;
      if (lower !== 0) {
        row.link = nameOf(lower);
        const flags = names.get(lower)?.flags;
        if (flags !== undefined && (flags & IFF_UP) === 0) row.flags = [...row.flags, "M-DOWN"];
      }
      if (masters[i] !== 0) row.master = nameOf(masters[i]!);
    }
    return rows;
  };
  const clear = (): void => {
    own = undefined;
    rows.length = lowers.length = masters.length = 0;
  };
  return { add, settle, clear };
};

const altnames = (a: AttrIndex): string[] => {
  const out: string[] = [];
  a.each(T.propList, (type, { bytes }, from, to) => {
    if (type === T.altIfname) out.push(bytes.toString("utf8", from, to - 1));
  });
  return out;
};

/** `ip link`: in the kernel's order. */
export const readLinks = (ns: Netns, form: LinkForm, linkName: (index: number) => string): LinkRow[] => {
  const reader = linkReader(form, linkName);
  const payload = dumpPayload(IFINFOMSG, 0, [[T.extMask, RTEXT_FILTER]]);
  ns.rt.scan(
    { type: RTM_GETLINK, op: "ip link", payload },
    (of, _, from, to) => reader.add(of, from, to),
    reader.clear,
  );
  return reader.settle();
};
