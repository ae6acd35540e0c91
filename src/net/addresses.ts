/** Addresses: the verbs of `ip address`. */

import { type Cidr, cidrFamily } from "../base/cidr.ts";
import type { Ip } from "../base/ip.ts";
import { F } from "../kernel/codec/message.ts";
import { type AddressMessage, address, IFA_F, RTM_ADDR } from "../kernel/codec/route/address.ts";
import { routeScopes } from "../kernel/codec/route/route.ts";
import type { Op } from "../kernel/os/syscall.ts";
import type { Netns } from "./kernel.ts";
import { linkIndex } from "./links.ts";

export const AF = { 4: 2, 6: 10 } as const;

export interface Address {
  /** Index of the link. */
  readonly link: number;
  readonly address: Cidr;
  /** Other end of a point-to-point address. */
  readonly peer?: Cidr;
  /** RT_SCOPE_*: 0 global, 253 link, 254 host. */
  readonly scope: number;
  /** IFA_F_* */
  readonly flags: number;
  readonly broadcast?: Ip;
  /** Absent: for ever. */
  readonly lifetime?: Lifetime;
  /** Who made it (IFAPROT_*, since Linux 5.18): 1 loopback, 2 a router's advertisement, 3 link-local. */
  readonly protocol?: number;
}

/** Seconds that an address is good for, and is taken for new connections, as a DHCP server gives it. */
export interface Lifetime {
  readonly valid: number;
  readonly preferred: number;
}

export interface AddressSpec {
  /** Name of the link. */
  readonly link: string;
  readonly address: Cidr;
  /** Skip duplicate address detection: the address is usable at once (IPv6). */
  readonly nodad?: boolean;
  readonly noprefixroute?: boolean;
  /** RT_SCOPE_*; default: host for 127.0.0.0/8, else global. */
  readonly scope?: number;
  /** IPv4: the address that stands for all hosts of the subnet. The kernel sets none by itself. */
  readonly broadcast?: Ip;
  /** IPv4: other end of a point-to-point link. */
  readonly peer?: Cidr;
  /** Default: for ever. */
  readonly lifetime?: Lifetime;
}

/** What the kernel takes and gives for a lifetime without end (INFINITY_LIFE_TIME). */
const forever = 0xffffffff;

export const addressFromMessage = (m: AddressMessage): Address | undefined => {
  const own = m.local ?? m.address;
  if (!own) return undefined;
  const peer = m.local && m.address && m.local !== m.address ? { peer: { ip: m.address, prefix: m.prefixlen } } : {};
  return {
    link: m.index,
    address: { ip: own, prefix: m.prefixlen },
    ...peer,
    scope: m.scope,
    flags: m.flags32 ?? m.flags,
    ...(m.broadcast ? { broadcast: m.broadcast } : {}),
    ...(m.cacheinfo && m.cacheinfo.valid !== forever
      ? { lifetime: { valid: m.cacheinfo.valid, preferred: m.cacheinfo.prefered } }
      : {}),
    ...(m.proto ? { protocol: m.proto } : {}),
  };
};

/** `ip address [show dev NAME]`: both families, in the kernel's order. */
export const listAddresses = (ns: Netns, linkIndex?: number): Address[] =>
  ns.rt
    .dump({ type: RTM_ADDR.get, op: "ip address", payload: address.write({ index: linkIndex ?? 0 }) })
    .map((m) => addressFromMessage(address.read(m.payload)))
    .filter((a) => a !== undefined)
    .filter((a) => linkIndex === undefined || a.link === linkIndex);

const message = (ns: Netns, spec: AddressSpec): Uint8Array => {
  const flags = (spec.nodad ? IFA_F.nodad : 0) | (spec.noprefixroute ? IFA_F.noprefixroute : 0);
  return address.write({
    family: AF[cidrFamily(spec.address)],
    prefixlen: spec.peer?.prefix ?? spec.address.prefix,
    scope: spec.scope ?? (spec.address.ip.startsWith("127.") ? routeScopes.host : routeScopes.universe),
    index: linkIndex(ns, spec.link),
    local: spec.address.ip,
    address: spec.peer?.ip ?? spec.address.ip,
    broadcast: spec.broadcast,
    ...(spec.lifetime
      ? { cacheinfo: { valid: spec.lifetime.valid, prefered: spec.lifetime.preferred, cstamp: 0, tstamp: 0 } }
      : {}),
    ...(flags ? { flags32: flags } : {}),
  });
};

export const addAddress = (ns: Netns, spec: AddressSpec, op: Op): void => {
  ns.rt.request({
    type: RTM_ADDR.new,
    flags: F.create | F.excl,
    op,
    payload: message(ns, spec),
    locate: address.locate,
  });
};
export const delAddress = (ns: Netns, spec: AddressSpec, op: Op): void => {
  ns.rt.request({ type: RTM_ADDR.del, op, payload: message(ns, spec), locate: address.locate });
};
