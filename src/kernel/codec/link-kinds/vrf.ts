/** `type vrf` (linux/if_link.h, IFLA_VRF_*): a routing table of its own for the links that belong to it. */
import { at, attrs } from "../attrs.ts";
import { u32 } from "../codec.ts";

export const vrf = attrs({ table: at(1, u32) });
/** What a link in a VRF is told (IFLA_VRF_PORT_*). */
export const vrfPort = attrs({ table: at(1, u32) });
