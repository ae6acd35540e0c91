/** `type veth` (linux/veth.h): its data is the other end, a whole link message in one attribute. */
import { at, attrs } from "../attrs.ts";
import type { Codec } from "../codec.ts";

export interface VethData<P> {
  readonly peer?: P | undefined;
}

/** Given the codec of a link, since that is what the peer is. */
export const veth = <P>(peer: Codec<P>): Codec<VethData<P>> => attrs({ peer: at(1, peer) });
