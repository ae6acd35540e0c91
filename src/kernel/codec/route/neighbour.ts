/** Neighbours and the bridge FDB: RTM_NEWNEIGH, RTM_DELNEIGH, RTM_GETNEIGH (linux/neighbour.h, struct ndmsg). */
import { at, attrs, body } from "../attrs.ts";
import { be16, s32, u8, u16, u32 } from "../codec.ts";
import { ip, mac } from "../fields.ts";
import { struct } from "../struct.ts";

export const RTM_NEIGH = { new: 28, del: 29, get: 30 } as const;

/** NUD_* by `ip`'s names. */
export const nudStates = {
  incomplete: 1,
  reachable: 2,
  stale: 4,
  delay: 8,
  probe: 16,
  failed: 32,
  noarp: 64,
  permanent: 128,
} as const;
/** NTF_* */
export const NTF = { self: 2, master: 4, proxy: 8, extLearned: 16, router: 128 } as const;

const ndmsg = struct({ family: u8, _pad1: u8, _pad2: u16, ifindex: s32, state: u16, flags: u8, type: u8 });

export const neighbour = body(
  ndmsg,
  attrs(() => ({
    dst: at(1, ip),
    lladdr: at(2, mac),
    vlan: at(5, u16),
    port: at(6, be16),
    vni: at(7, u32),
    ifindexVia: at(8, u32),
    master: at(9, u32),
    protocol: at(12, u8),
  })),
);
export type NeighbourMessage = ReturnType<typeof neighbour.read>;
