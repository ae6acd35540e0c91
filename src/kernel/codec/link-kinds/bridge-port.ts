/** A bridge member's settings (linux/if_link.h, IFLA_BRPORT_*). `bridge link set`. */
import { at, attrs } from "../attrs.ts";
import { u8, u16, u32 } from "../codec.ts";

export const bridgePort = attrs(() => ({
  state: at(1, u8),
  priority: at(2, u16),
  cost: at(3, u32),
  hairpin: at(4, u8),
  guard: at(5, u8),
  protect: at(6, u8),
  fastLeave: at(7, u8),
  learning: at(8, u8),
  unicastFlood: at(9, u8),
  proxyarp: at(10, u8),
  mcastFlood: at(27, u8),
  bcastFlood: at(30, u8),
  neighSuppress: at(32, u8),
  isolated: at(33, u8),
}));
