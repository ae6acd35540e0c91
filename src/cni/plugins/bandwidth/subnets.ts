/** Filters that lead a pod's traffic through another device: all of it, or that with some subnets. Pure. */
import { type Cidr, cidrFamily, networkOf } from "../../../base/cidr.ts";
import { ipBytes } from "../../../base/ip.ts";
import { tcPlaces } from "../../../kernel/codec/route/tc.ts";
import { U32_TERMINAL, type U32Key } from "../../../kernel/codec/tc-kinds/u32.ts";
import { type FilterSpec, tcProtocols } from "../../../net/tc/filters.ts";
import { makeHandle } from "../../../net/tc/handles.ts";
import type { BandwidthConfig } from "./config.ts";
import type { Way } from "./names.ts";

/** Numbers of our filters: behind those that others put on a pod's veth, who may have to see what comes first. */
const prios = { 4: 0x7074, 6: 0x7075, rest: 0x7077 } as const;

export const isOurPrio = (prio: number): boolean => Object.values<number>(prios).includes(prio);

/** The pod's egress comes in at the host's end of its veth. The other side of the talk is then the destination. */
const hooks = { egress: tcPlaces.ingress, ingress: tcPlaces.egress } as const;
/** Where the other side's address is in a header. */
const offsets = { egress: { 4: 16, 6: 24 }, ingress: { 4: 12, 6: 8 } } as const;

const anything: readonly U32Key[] = [{ mask: 0, value: 0, off: 0 }];

/** Word by word. */
const keysFor = (c: Cidr, off: number): readonly U32Key[] => {
  const bytes = ipBytes(networkOf(c));
  const v = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const keys: U32Key[] = [];
  for (let bit = 0; bit < c.prefix; bit += 32) {
    const length = Math.min(32, c.prefix - bit);
    keys.push({ mask: (0xffff_ffff << (32 - length)) >>> 0, value: v.getUint32(bit / 8), off: off + bit / 8 });
  }
  return keys.length > 0 ? keys : anything;
};

/** What is not redirected has found its class, which means nothing here: it goes on as if there were no filter. */
const passes = { classid: makeHandle(0, 1) };

/** In the order in which they are asked. */
export const planFilters = (c: BandwidthConfig, way: Way, link: string, ifb: string): FilterSpec[] => {
  const filter = (protocol: number, prio: number, keys: readonly U32Key[], redirected: boolean): FilterSpec => ({
    ...{ link, parent: hooks[way], protocol, prio },
    info: { kind: "u32", data: { ...(!redirected && passes), sel: { flags: U32_TERMINAL, keys } } },
    ...(redirected && { redirect: ifb }),
  });
  const shaped = c.subnets?.are === "shaped";
  const some = (c.subnets?.list ?? []).map((subnet) => {
    const family = cidrFamily(subnet);
    const protocol = family === 4 ? tcProtocols.ip : tcProtocols.ipv6;
    return filter(protocol, prios[family], keysFor(subnet, offsets[way][family]), shaped);
  });
  return shaped ? some : [...some, filter(tcProtocols.all, prios.rest, anything, true)];
};
