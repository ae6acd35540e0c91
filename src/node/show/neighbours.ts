/** Neighbours as `ip -j neigh` prints them. */
import { AttrIndex } from "../../kernel/codec/attr-index.ts";
import type { Received } from "../../kernel/codec/received.ts";
import type { Netns } from "../../net/kernel.ts";
import { addressText } from "./address-words.ts";
import { linkAddress } from "./link-words.ts";
import { named } from "./names.ts";
import { AF_INET, AF_INET6, dumpPayload, type FamilyChoice } from "./request.ts";

export interface NeighbourRow {
  dst?: string;
  dev?: string;
  lladdr?: string;
  state?: readonly string[];
  protocol?: string;
  [more: string]: unknown;
}

const RTM_GETNEIGH = 30;
const NDMSG = 12;
/** NDA_*: see linux/neighbour.h. */
const T = { dst: 1, lladdr: 2, protocol: 12, flagsExt: 15 } as const;
const states: readonly (readonly [number, string])[] = [
  [1, "INCOMPLETE"],
  [2, "REACHABLE"],
  [4, "STALE"],
  [8, "DELAY"],
  [16, "PROBE"],
  [32, "FAILED"],
  [64, "NOARP"],
  [128, "PERMANENT"],
];
/** Neighbours that need no asking are the kernel's own doing (multicast, loopback): not shown, as `ip` does not. */
const SHOWN = 0xff & ~64;
const NTF = { proxy: 8, extLearned: 16, offloaded: 32, router: 128 } as const;
const [EXT_MANAGED, EXT_VALIDATED] = [1, 2];
const top = new AttrIndex(T.flagsExt);
const ETHER = 1;

/** Undefined for one that is not shown. */
export const readNeighbour = (
  of: Received,
  from: number,
  to: number,
  linkName: (index: number) => string,
): NeighbourRow | undefined => {
  const { bytes, view } = of;
  const family = bytes[from]!;
  const state = view.getUint16(from + 8, true);
  const flags = bytes[from + 10]!;
  if (family !== AF_INET && family !== AF_INET6) return undefined;
  if (!(state & SHOWN) && !(flags & (NTF.proxy | NTF.extLearned))) return undefined;
  const a = top.fill(of, from + NDMSG, to);
  const row: NeighbourRow = {};
  const dst = addressText(a, T.dst);
  if (dst !== undefined) row.dst = dst;
  const index = view.getInt32(from + 4, true);
  if (index !== 0) row.dev = linkName(index);
  // Four bytes are a tunnel's end, which is an IP address.
  const lladdr = a.size(T.lladdr) === 4 ? a.ip(T.lladdr) : linkAddress(a, T.lladdr, ETHER);
  if (lladdr !== undefined) row.lladdr = lladdr;
  const more = a.u32(T.flagsExt) ?? 0;
  if (flags & NTF.router) row.router = null;
  if (flags & NTF.proxy) row.proxy = null;
  if (more & EXT_MANAGED) row.managed = null;
  if (flags & NTF.extLearned) row.extern_learn = null;
  if (flags & NTF.offloaded) row.offload = null;
  if (more & EXT_VALIDATED) row.extern_valid = null;
  if (state !== 0) row.state = states.filter(([bit]) => state & bit).map(([, name]) => name);
  const protocol = a.u8(T.protocol);
  if (protocol) row.protocol = named("rt_protos", protocol);
  return row;
};

/** `ip neigh`. */
export const readNeighbours = (
  ns: Netns,
  family: FamilyChoice,
  linkName: (index: number) => string,
): NeighbourRow[] => {
  const rows: NeighbourRow[] = [];
  const af = family === 4 ? AF_INET : family === 6 ? AF_INET6 : 0;
  ns.rt.scan(
    { type: RTM_GETNEIGH, op: "ip neigh", payload: dumpPayload(NDMSG, af) },
    (of, _, from, to) => {
      const row = readNeighbour(of, from, to, linkName);
      if (row) rows.push(row);
    },
    () => {
      rows.length = 0;
    },
  );
  return rows;
};
