/** `type macvlan` (linux/if_link.h, IFLA_MACVLAN_*). */
import { at, attrs } from "../attrs.ts";
import { u16, u32 } from "../codec.ts";

/** enum macvlan_mode. */
export const macvlanModes = { private: 1, vepa: 2, bridge: 4, passthru: 8, source: 16 } as const;

export const macvlan = attrs(() => ({ mode: at(1, u32), flags: at(2, u16), bcQueueLen: at(7, u32) }));
