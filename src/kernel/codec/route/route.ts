/** Routes: RTM_NEWROUTE, RTM_DELROUTE, RTM_GETROUTE (linux/rtnetlink.h, struct rtmsg). `ip route`. */
import { type AttrsOf, at, attrs, body, NLA_F_NESTED } from "../attrs.ts";
import { type Codec, s32, u8, u16, u32 } from "../codec.ts";
import { ip } from "../fields.ts";
import { struct } from "../struct.ts";

export const RTM_ROUTE = { new: 24, del: 25, get: 26 } as const;

/** RTN_*, RT_SCOPE_*, RTPROT_*, RT_TABLE_* by `ip`'s names. */
export const routeTypes = {
  unicast: 1,
  local: 2,
  broadcast: 3,
  anycast: 4,
  multicast: 5,
  blackhole: 6,
  unreachable: 7,
  prohibit: 8,
  throw: 9,
} as const;
export const routeScopes = { universe: 0, site: 200, link: 253, host: 254, nowhere: 255 } as const;
export const routeProtocols = { unspec: 0, redirect: 1, kernel: 2, boot: 3, static: 4, ra: 9, dhcp: 16 } as const;
export const routeTables = { default: 253, main: 254, local: 255 } as const;
/** RTNH_F_* */
export const RTNH_F = { dead: 1, onlink: 4, linkdown: 16 } as const;

const rtmsg = struct({
  family: u8,
  dstLen: u8,
  srcLen: u8,
  tos: u8,
  tableLow: u8,
  protocol: u8,
  scope: u8,
  type: u8,
  flags: u32,
});

/** RTAX_*: what a route says of packets that take it. Sizes in bytes. */
const metrics = attrs(() => ({
  mtuLock: at(1, u32),
  mtu: at(2, u32),
  window: at(3, u32),
  advmss: at(8, u32),
  hoplimit: at(10, u32),
  initcwnd: at(11, u32),
}));

/** RTA_VIA: a gateway of another family (IPv4 by an IPv6 next hop). */
const via: Codec<{ family: number; ip: ReturnType<typeof ip.read> }> = {
  fits: (n) => n === 6 || n === 18,
  read: (b) => ({ family: u16.read(b), ip: ip.read(b.subarray(2)) }),
  write: (v) => new Uint8Array([...u16.write(v.family), ...ip.write(v.ip)]),
};

const hopAttrs = attrs({ gateway: at(5, ip), via: at(18, via) });
const rtnexthop = struct({ len: u16, flags: u8, hops: u8, ifindex: s32 });
export interface Nexthop
  extends AttrsOf<{ gateway: { type: 5; codec: typeof ip }; via: { type: 18; codec: typeof via } }> {
  readonly flags: number;
  /** Weight minus one. */
  readonly hops: number;
  readonly ifindex: number;
}

/** RTA_MULTIPATH: a run of struct rtnexthop, each with its attributes. */
const nexthops: Codec<readonly Nexthop[]> = {
  read: (b) => {
    const out: Nexthop[] = [];
    for (let i = 0; i + rtnexthop.size <= b.length; ) {
      const { len, ...h } = rtnexthop.read(b.subarray(i));
      if (len < rtnexthop.size || i + len > b.length) break;
      out.push({ ...h, ...hopAttrs.read(b.subarray(i + rtnexthop.size, i + len)) });
      i += (len + 3) & ~3;
    }
    return out;
  },
  write: (hops) =>
    Buffer.concat(
      hops.map((h) => {
        const tail = hopAttrs.write(h);
        return Buffer.concat([rtnexthop.write({ ...h, len: rtnexthop.size + tail.length }), tail]);
      }),
    ),
};

export const route = body(
  rtmsg,
  attrs(() => ({
    dst: at(1, ip),
    src: at(2, ip),
    iif: at(3, u32),
    oif: at(4, u32),
    gateway: at(5, ip),
    priority: at(6, u32),
    prefsrc: at(7, ip),
    metrics: at(8 | NLA_F_NESTED, metrics),
    multipath: at(9, nexthops),
    /** The 32-bit table; `tableLow` holds it when it fits a byte. */
    table: at(15, u32),
    mark: at(16, u32),
    via: at(18, via),
    pref: at(20, u8),
    nhId: at(30, u32),
  })),
);
export type RouteMessage = ReturnType<typeof route.read>;
