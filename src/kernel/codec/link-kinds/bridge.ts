/** `type bridge` (linux/if_link.h, IFLA_BR_*). */
import { at, attrs } from "../attrs.ts";
import { be16, u8, u16, u32 } from "../codec.ts";

/** Times are in units of 1/100 s (USER_HZ), as the kernel gives them. */
export const bridge = attrs(() => ({
  forwardDelay: at(1, u32),
  helloTime: at(2, u32),
  maxAge: at(3, u32),
  ageingTime: at(4, u32),
  stpState: at(5, u32),
  priority: at(6, u16),
  vlanFiltering: at(7, u8),
  vlanProtocol: at(8, be16),
  mcastSnooping: at(23, u8),
  nfCallIptables: at(36, u8),
  nfCallIp6tables: at(37, u8),
  vlanDefaultPvid: at(39, u16),
}));
