/** Links and routing as rules see them. Routes are asked of the kernel packet by packet, as it would look them up itself. */
import { contains } from "../../../base/cidr.ts";
import { FaultError } from "../../../base/fault.ts";
import { family, type Ip, ipBytes, isLinkLocal6 } from "../../../base/ip.ts";
import { linkBrief, RTM_LINK } from "../../../kernel/codec/route/link.ts";
import { type RouteMessage, RTM_ROUTE, route, routeTables, routeTypes } from "../../../kernel/codec/route/route.ts";
import { AF, listAddresses } from "../../../net/addresses.ts";
import type { Netns } from "../../../net/kernel.ts";
import { listRoutes } from "../../../net/routes.ts";
import type { LinkFacts, Routing, Way, WayQuery } from "./model.ts";

export const readLinks = (ns: Netns): LinkFacts[] => {
  const found = ns.rt
    .dump({ type: RTM_LINK.get, op: "ip link", payload: linkBrief.write({}) })
    .map((m) => linkBrief.read(m.payload));
  const nameOf = (index: number): string | undefined => found.find((l) => l.index === index)?.ifname;
  return found.map((l) => {
    const kind = l.linkinfo?.kind;
    const master = l.master === undefined ? undefined : nameOf(l.master);
    return {
      name: l.ifname ?? "",
      index: l.index,
      type: l.type,
      group: l.group ?? 0,
      ...(kind !== undefined && { kind }),
      ...(master !== undefined && { master }),
    };
  });
};

/** Longest prefix first, so that the first that holds an address is the one. */
const localRoutes = (ns: Netns) => listRoutes(ns, routeTables.local).sort((a, b) => b.dst.prefix - a.dst.prefix);

const isMulticast = (ip: Ip): boolean => (family(ip) === 4 ? (ipBytes(ip)[0]! & 0xf0) === 0xe0 : ip.startsWith("ff"));

const errnoOf = (error: unknown): string | undefined =>
  error instanceof FaultError && error.fault.kind === "kernel" ? error.fault.errno : undefined;

const forwards = (ns: Netns, f: 4 | 6, link: string): boolean =>
  ns.readSysctl(f === 4 ? `net/ipv4/conf/${link}/forwarding` : "net/ipv6/conf/all/forwarding") !== "0";

const forwardingOff = (f: 4 | 6, link: string): string =>
  `this host does not pass packets on: ${f === 4 ? `net.ipv4.conf.${link}.forwarding` : "net.ipv6.conf.all.forwarding"} is 0`;

type Nowhere = Extract<Way, { readonly to: "nowhere" }>;
const nowhere = (why: string, told = false): Nowhere => ({ to: "nowhere", why, told });

/** What the kernel answers for a packet that it does not pass on. It is silent where it is no router, too. */
const refused = (ns: Netns, q: WayQuery, errno: string): Nowhere => {
  const from = q.iif === undefined ? "" : ` from ${q.src} by ${q.iif}`;
  const f = family(q.dst);
  if (errno === "EXDEV")
    return nowhere(
      `reverse path filter: answers to ${q.src} would not leave by ${q.iif} (net.ipv4.conf.${q.iif}.rp_filter)`,
    );
  if (errno === "EINVAL")
    return nowhere(`the kernel takes no packet${from} to ${q.dst}: a blackhole, or no such addresses`);
  if (q.iif !== undefined && !forwards(ns, f, q.iif)) return nowhere(forwardingOff(f, q.iif));
  if (errno === "EACCES") return nowhere(`a route or rule prohibits ${q.dst}`, true);
  return nowhere(`no route to ${q.dst}`, true);
};

export const readRouting = (ns: Netns, links: readonly LinkFacts[]): Routing => {
  const local = localRoutes(ns);
  const addresses = listAddresses(ns);
  const nameOf = (index: number | undefined): string | undefined => links.find((l) => l.index === index)?.name;
  const indexOf = (name: string | undefined): number | undefined => links.find((l) => l.name === name)?.index;

  const ask = (q: WayQuery): RouteMessage | string => {
    const f = family(q.dst);
    const bits = f === 4 ? 32 : 128;
    const iif = indexOf(q.iif);
    const payload = route.write({
      family: AF[f],
      dstLen: bits,
      dst: q.dst,
      ...(q.src !== undefined && iif !== undefined && { srcLen: bits, src: q.src }),
      ...(iif !== undefined && { iif }),
      ...(q.mark && { mark: q.mark }),
    });
    try {
      return route.read(ns.rt.get({ type: RTM_ROUTE.get, op: `ip route get ${q.dst}`, payload }).payload);
    } catch (error) {
      const errno = errnoOf(error);
      if (errno === undefined) throw error;
      return errno;
    }
  };

  const toLocal: readonly number[] = [routeTypes.local, routeTypes.broadcast, routeTypes.anycast, routeTypes.multicast];
  const wayOf = (q: WayQuery): Way => {
    const r = ask(q);
    if (typeof r === "string") return refused(ns, q, r);
    if (toLocal.includes(r.type)) return { to: "local" };
    const link = nameOf(r.oif ?? r.multipath?.[0]?.ifindex);
    if (r.type === routeTypes.blackhole) return refused(ns, q, "EINVAL");
    if (r.type === routeTypes.prohibit) return refused(ns, q, "EACCES");
    if (r.type !== routeTypes.unicast || link === undefined) return refused(ns, q, "EHOSTUNREACH");
    // For IPv6 the question is answered as if forwarding were on.
    if (q.iif !== undefined && !forwards(ns, family(q.dst), q.iif)) return nowhere(forwardingOff(family(q.dst), q.iif));
    return { to: "link", link };
  };

  const known = new Map<string, Way>();
  const way = (q: WayQuery): Way => {
    const key = [q.dst, q.src, q.iif, q.mark].join(" ");
    const answer = known.get(key) ?? wayOf(q);
    known.set(key, answer);
    return answer;
  };

  return {
    way,
    addressType: (ip, link) => {
      if (isMulticast(ip)) return routeTypes.multicast;
      const found = local.find(
        (r) =>
          family(r.dst.ip) === family(ip) &&
          contains(r.dst, ip) &&
          (link === undefined || link === "" || nameOf(r.link) === link),
      );
      return found?.type ?? routeTypes.unicast;
    },
    sourceFor: (ip) => {
      const r = ask({ dst: ip });
      return typeof r === "string" ? undefined : r.prefsrc;
    },
    linkTo: (ip) => {
      const answer = way({ dst: ip });
      return answer.to === "link" ? answer.link : answer.to === "local" ? "lo" : undefined;
    },
    addressesOn: (link, f) =>
      addresses
        .filter((a) => nameOf(a.link) === link && family(a.address.ip) === f && !isLinkLocal6(a.address.ip))
        .map((a) => ipBytes(a.address.ip)),
  };
};
