/** ipsets over nfnetlink (linux/netfilter/ipset/ip_set.h). `ipset list`. */
import { at, attrs, body, many, NLA_F_NESTED } from "./attrs.ts";
import { be16, be32, str, u8 } from "./codec.ts";
import { ip } from "./fields.ts";
import { nfgenmsg } from "./nfgenmsg.ts";

/** NFNL_SUBSYS_IPSET << 8 | IPSET_CMD_LIST. */
export const IPSET_LIST = (6 << 8) | 7;
/** IPSET_PROTOCOL: since this one the kernel tells a set's number. */
export const IPSET_PROTOCOL = 7;
/** IPSET_FLAG_NOMATCH: what the entry holds is not in the set. */
export const IPSET_NOMATCH = 4;

const address = attrs({ v4: at(1, ip), v6: at(2, ip) });
const entry = attrs({
  ip: at(1 | NLA_F_NESTED, address),
  ipTo: at(2 | NLA_F_NESTED, address),
  cidr: at(3, u8),
  flags: at(8, be32),
});
export type IpsetEntry = ReturnType<typeof entry.read>;

export const ipsetMessage = body(
  nfgenmsg,
  attrs({
    protocol: at(1, u8),
    name: at(2, str),
    type: at(3, str),
    family: at(5, u8),
    entries: at(8 | NLA_F_NESTED, attrs({ items: many<IpsetEntry>(7 | NLA_F_NESTED, entry) })),
    index: at(11, be16),
  }),
);
