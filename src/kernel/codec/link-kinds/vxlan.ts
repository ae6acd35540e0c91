/** `type vxlan` (linux/if_link.h, IFLA_VXLAN_*; RFC 7348). */

import { family } from "../../../base/ip.ts";
import { at, attrs } from "../attrs.ts";
import { be16, u8, u32 } from "../codec.ts";
import { ip } from "../fields.ts";

const table = attrs(() => ({
  id: at(1, u32),
  group: at(2, ip),
  link: at(3, u32),
  local: at(4, ip),
  ttl: at(5, u8),
  tos: at(6, u8),
  learning: at(7, u8),
  ageing: at(8, u32),
  proxy: at(11, u8),
  rsc: at(12, u8),
  l2miss: at(13, u8),
  l3miss: at(14, u8),
  port: at(15, be16),
  group6: at(16, ip),
  local6: at(17, ip),
  udpCsum: at(18, u8),
}));

/**
 * `local` and `group` have an attribute for each family, and the kernel takes the first four bytes of an IPv6 address
 * in the IPv4 one without a word. Either may be given an address of either family: it goes where it belongs.
 */
export const vxlan: typeof table = {
  ...table,
  write: ({ local, group, ...rest }) =>
    table.write({
      ...rest,
      ...(local === undefined ? {} : family(local) === 6 ? { local6: local } : { local }),
      ...(group === undefined ? {} : family(group) === 6 ? { group6: group } : { group }),
    }),
};
