/** action `mirred`: a packet to another device, moved or copied (linux/tc_act/tc_mirred.h). */
import { at, attrs } from "../attrs.ts";
import { type Codec, s32, u32 } from "../codec.ts";
import { struct } from "../struct.ts";

/** TCA_*_REDIR and TCA_*_MIRROR. */
export const mirredWays = { egressRedirect: 1, egressMirror: 2, ingressRedirect: 3, ingressMirror: 4 } as const;
/** TC_ACT_*: what becomes of the packet here. */
export const verdicts = { pass: 0, pipe: 3, stolen: 4 } as const;

const parms = struct({ index: u32, capab: u32, action: s32, refcnt: s32, bindcnt: s32, way: s32, ifindex: u32 });
type Parms = ReturnType<typeof parms.read>;

export const mirred = attrs({ parms: at<Partial<Parms>>(2, parms as Codec<Partial<Parms>>), blockId: at(4, u32) });
