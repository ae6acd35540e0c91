/** Addresses: RTM_NEWADDR, RTM_DELADDR, RTM_GETADDR (linux/if_addr.h, struct ifaddrmsg). `ip address`. */
import { at, attrs, body } from "../attrs.ts";
import { str, u8, u32 } from "../codec.ts";
import { ip } from "../fields.ts";
import { struct } from "../struct.ts";

export const RTM_ADDR = { new: 20, del: 21, get: 22 } as const;

/** IFA_F_* (linux/if_addr.h). */
export const IFA_F = {
  nodad: 2,
  optimistic: 4,
  dadfailed: 8,
  deprecated: 0x20,
  tentative: 0x40,
  permanent: 0x80,
  noprefixroute: 0x200,
} as const;

const ifaddrmsg = struct({ family: u8, prefixlen: u8, flags: u8, scope: u8, index: u32 });
/** struct ifa_cacheinfo: lifetimes in seconds, stamps in 1/100 s since boot. */
const cacheinfo = struct({ prefered: u32, valid: u32, cstamp: u32, tstamp: u32 });

export const address = body(
  ifaddrmsg,
  attrs(() => ({
    address: at(1, ip),
    local: at(2, ip),
    label: at(3, str),
    broadcast: at(4, ip),
    anycast: at(5, ip),
    cacheinfo: at<ReturnType<typeof cacheinfo.read>>(6, cacheinfo),
    /** The 32-bit form; the header's `flags` holds the low eight. */
    flags32: at(8, u32),
    rtPriority: at(9, u32),
    proto: at(11, u8),
  })),
);
export type AddressMessage = ReturnType<typeof address.read>;
