/** `type tun` (linux/if_link.h, IFLA_TUN_*): tun and tap devices, only to read with. Made by ioctl: see os/tun.ts. */
import { at, attrs } from "../attrs.ts";
import { u8, u32 } from "../codec.ts";

/** IFF_TUN, IFF_TAP (linux/if_tun.h): the values of `type`. */
export const tunTypes = { tun: 1, tap: 2 } as const;

export const tun = attrs(() => ({
  owner: at(1, u32),
  group: at(2, u32),
  type: at(3, u8),
  pi: at(4, u8),
  vnetHdr: at(5, u8),
  persist: at(6, u8),
  multiQueue: at(7, u8),
}));
