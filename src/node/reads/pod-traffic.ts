/** Packets between pods of two nodes, as this node passes them on, whether or not pods are there yet. */
import { cidrFamily, contains, nthSubnet } from "../../base/cidr.ts";
import { type Ip, ipAdd } from "../../base/ip.ts";
import { routeTables, routeTypes } from "../../kernel/codec/route/route.ts";
import type { Asked } from "../asked.ts";
import type { Routing, Ruleset, WayQuery } from "../firewall/ruleset/model.ts";
import type { Packet } from "../firewall/simulate/verdict.ts";
import type { Host } from "../host.ts";
import { bridgesOf, chosenConf } from "./network-confs.ts";
import { linkOf, nodeAddress } from "./uplinks.ts";

export interface PodFlow {
  readonly subject: string;
  readonly packet: Packet;
}

/** Of one family. */
export interface PodFlows {
  readonly flows: readonly PodFlow[];
  /** The running ruleset, with ways to these pods. @throws FaultError permission */
  readonly ruleset: () => Ruleset;
}

/** Some port that a program in a pod may have. */
const port = 8080;

interface Ends {
  readonly own: Ip;
  readonly ownLink: string;
  readonly other: Ip;
  readonly otherLink: string;
}

/** Two pods and the links that lead to them: as routes have them, or as they would be with the first and the last block. */
const endsOf = (host: Host, asked: Asked, range: Asked["podCidrs"][number]): Ends | undefined => {
  const inside = host.routes.filter(
    (r) =>
      r.table === routeTables.main &&
      r.type === routeTypes.unicast &&
      r.dst.prefix >= range.prefix &&
      contains(range, r.dst.ip),
  );
  const here = inside.find((r) => r.gw === undefined && r.link !== undefined);
  const there = inside.find((r) => r.gw !== undefined && r.link !== undefined);
  const uplink = nodeAddress(host, asked)?.link?.name;
  const size = asked.nodePrefix[cidrFamily(range)];
  const own = here?.dst ?? nthSubnet(range, size, 0);
  const other = there?.dst ?? nthSubnet(range, size, 1);
  const ownLink = linkOf(host, here?.link)?.name ?? bridgesOf(chosenConf(host))[0] ?? "cni0";
  const otherLink = linkOf(host, there?.link)?.name ?? uplink;
  if (!own || !other || otherLink === undefined) return undefined;
  return { own: ipAdd(own.ip, own.prefix < 31 ? 2 : 0), ownLink, other: ipAdd(other.ip, 2), otherLink };
};

/** The ruleset with the ways to pods that are not there yet. */
const routed = (ruleset: Ruleset, { own, ownLink, other, otherLink }: Ends): Ruleset => {
  const { routing } = ruleset;
  const way = (query: WayQuery): ReturnType<Routing["way"]> => {
    if (query.dst === own) return { to: "link", link: ownLink };
    return query.dst === other ? { to: "link", link: otherLink } : routing.way(query);
  };
  return {
    ...ruleset,
    routing: {
      way,
      addressType: (ip, link) => (ip === own || ip === other ? 1 : routing.addressType(ip, link)),
      sourceFor: (ip) => routing.sourceFor(ip),
      linkTo: (ip) => (ip === own ? ownLink : ip === other ? otherLink : routing.linkTo(ip)),
      addressesOn: (link, family) => routing.addressesOn(link, family),
    },
  };
};

export const podFlows = (host: Host, asked: Asked): PodFlows[] =>
  asked.podCidrs.flatMap((range) => {
    const ends = endsOf(host, asked, range);
    if (!ends) return [];
    const { own, ownLink, other, otherLink } = ends;
    const tcp = (src: Ip, dst: Ip, iif: string): Packet => ({ protocol: "tcp", src, dst, dport: port, iif });
    const v = `IPv${cidrFamily(range)}`;
    const flows = [
      { subject: `${v} from own pods`, packet: tcp(own, other, ownLink) },
      { subject: `${v} to own pods`, packet: tcp(other, own, otherLink) },
    ];
    return [{ ruleset: () => routed(host.ruleset, ends), flows }];
  });
