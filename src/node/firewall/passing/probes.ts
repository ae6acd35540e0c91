/** Packets that an opening is there for: one from each kind of place that may come, to each end of its ports. */
import { type Cidr, cidrFamily, contains, lastOf } from "../../../base/cidr.ts";
import { compareIp, type Family, family, type Ip, ipAdd, ipFromBytes, parseIp } from "../../../base/ip.ts";
import type { Opening } from "../openings.ts";
import type { Ruleset } from "../ruleset/model.ts";
import type { Packet } from "../simulate/verdict.ts";

/** Nobody has them (RFC 5737, RFC 3849): they stand for the world. */
const world = { 4: parseIp("203.0.113.77"), 6: parseIp("2001:db8::77") } as const;

/** RTN_LOCAL. */
const local = 2;

/** Another machine's address in a network: the first that is not this host's. */
const neighbourIn = ({ routing }: Ruleset, cidr: Cidr): Ip | undefined => {
  const last = lastOf(cidr);
  if (cidr.ip === last) return routing.addressType(last) === local ? undefined : last;
  for (let ip = ipAdd(cidr.ip, 1), n = 0; n < 8 && compareIp(ip, last) <= 0; ip = ipAdd(ip, 1), n++)
    if (routing.addressType(ip) !== local) return ip;
  return undefined;
};

const sourcesOf = (ruleset: Ruleset, from: Cidr | undefined, f: Family): Ip[] => {
  if (from) return [neighbourIn(ruleset, from)].filter((ip) => ip !== undefined);
  return [world[f]];
};

const toNode = (ruleset: Ruleset, o: Opening & { to: "node" }): Packet[] => {
  const { protocol, from } = o;
  // What has no ports cannot be asked.
  if (protocol === "ip") return [];
  return o.families
    .filter((f) => !from || cidrFamily(from) === f)
    .flatMap((f) => sourcesOf(ruleset, from, f))
    .flatMap((src) => {
      const dst = ruleset.routing.sourceFor(src);
      if (dst === undefined) return [];
      return [...new Set(o.ports)].map((dport): Packet => ({ protocol, src, dst, dport }));
    });
};

/** From a pod of this node, by the bridge of pods, out; nothing where there is none yet. */
const fromPods = (ruleset: Ruleset, { pods }: Opening & { to: "pods" }): Packet[] => {
  const f = cidrFamily(pods);
  return ruleset.links.flatMap((link): Packet[] => {
    const gateway = ruleset.routing
      .addressesOn(link.name, f)
      .map(ipFromBytes)
      .find((ip) => contains(pods, ip));
    if (gateway === undefined) return [];
    const dst = world[f];
    const packet: Packet = { protocol: "tcp", src: ipAdd(gateway, 1), dst, dport: 443, iif: link.name };
    return family(dst) === f ? [packet] : [];
  });
};

export const packetsFor = (ruleset: Ruleset, o: Opening): Packet[] =>
  o.to === "pods" ? fromPods(ruleset, o) : toNode(ruleset, o);
