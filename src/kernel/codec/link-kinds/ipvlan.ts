/** `type ipvlan` (linux/if_link.h, IFLA_IPVLAN_*). */
import { at, attrs } from "../attrs.ts";
import { u16 } from "../codec.ts";

/** enum ipvlan_mode. */
export const ipvlanModes = { l2: 0, l3: 1, l3s: 2 } as const;
/** IPVLAN_F_*: whom a link reaches beside its master. */
export const ipvlanReaches = { bridge: 0, private: 1, vepa: 2 } as const;

export const ipvlan = attrs({ mode: at(1, u16), flags: at(2, u16) });
