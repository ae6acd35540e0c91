/** Connection tracking over nfnetlink (linux/netfilter/nfnetlink_conntrack.h). `conntrack -L`, `conntrack -D`. */
import { at, attrs, body, NLA_F_NESTED } from "./attrs.ts";
import { be16, be32, u8, u32 } from "./codec.ts";
import { ip } from "./fields.ts";
import { nfgenmsg } from "./nfgenmsg.ts";

/** NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_*. */
export const CT_MSG = { get: (1 << 8) | 1, delete: (1 << 8) | 2 } as const;

/** Parts of a tuple that a dump is narrowed to (net/netfilter/nf_internals.h, CTA_FILTER_F_*); since Linux 5.8. */
export const flowFilter = { saddr: 1 << 0, daddr: 1 << 1, protocol: 1 << 3, sport: 1 << 4, dport: 1 << 5 } as const;

const nested = <T>(type: number, codec: T) => ({ type: type | NLA_F_NESTED, codec });

const addresses = attrs({ saddr4: at(1, ip), daddr4: at(2, ip), saddr6: at(3, ip), daddr6: at(4, ip) });
const protocol = attrs({ protocol: at(1, u8), sport: at(2, be16), dport: at(3, be16) });
const tuple = attrs({ ip: nested(1, addresses), proto: nested(2, protocol), zone: at(3, be16) });

export const flowMessage = body(
  nfgenmsg,
  attrs({
    orig: nested(1, tuple),
    reply: nested(2, tuple),
    status: at(3, be32),
    id: at(12, be32),
    zone: at(18, be16),
    filter: nested(25, attrs({ orig: at(1, u32), reply: at(2, u32) })),
  }),
);
export type FlowMessage = ReturnType<typeof flowMessage.read>;
