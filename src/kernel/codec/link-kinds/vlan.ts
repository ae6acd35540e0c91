/** `type vlan` (linux/if_link.h, IFLA_VLAN_*; IEEE 802.1Q). */
import { at, attrs } from "../attrs.ts";
import { be16, u16 } from "../codec.ts";

/** `protocol` is an ethertype: 0x8100 is 802.1Q, 0x88a8 is 802.1ad. */
export const vlan = attrs({ id: at(1, u16), protocol: at(5, be16) });
