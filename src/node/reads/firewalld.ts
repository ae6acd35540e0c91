/** firewalld's permanent settings from its own files (firewalld.zones(5)): which zone a packet meets, and what that lets in. */
import { type Cidr, cidrFamily, contains, hostCidr, tryCidr } from "../../base/cidr.ts";
import { family, tryIp } from "../../base/ip.ts";
import type { Packet } from "../firewall/simulate/verdict.ts";
import type { Host } from "../host.ts";
import { iniValues } from "./ini.ts";

interface Tag {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Names of the elements around it. */
  readonly in: readonly string[];
}

/** Its files are flat: elements and attributes, no text that counts. */
const tagsOf = (xml: string): Tag[] => {
  const open: string[] = [];
  const tags: Tag[] = [];
  for (const [, end, name = "", inside = "", closed] of xml
    .replace(/<!--[\s\S]*?-->/g, "")
    .matchAll(/<(\/?)([\w-]+)((?:\s+[\w:-]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(\/?)>/g)) {
    if (end) {
      open.pop();
      continue;
    }
    const attributes = Object.fromEntries(
      [...inside.matchAll(/([\w:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)].map(([, key, a, b]) => [key!, a ?? b ?? ""]),
    );
    tags.push({ name, attributes, in: [...open] });
    if (!closed) open.push(name);
  }
  return tags;
};

const folders = ["/etc/firewalld", "/usr/lib/firewalld"];

const readFirst = (host: Host, name: string): string | undefined =>
  folders.map((dir) => host.read(`${dir}/${name}`)).find((text) => text !== undefined);

export interface Port {
  readonly protocol: string;
  readonly first: number;
  readonly last: number;
}

const portOf = ({ port, protocol }: Tag["attributes"]): Port[] => {
  const [first, last] = (port ?? "").split("-").map(Number);
  return protocol && first ? [{ protocol, first, last: last ?? first }] : [];
};

/** With what it includes. A service without a file lets nothing in. */
const servicePorts = (host: Host, name: string, depth = 0): Port[] =>
  tagsOf(readFirst(host, `services/${name}.xml`) ?? "").flatMap((tag) => {
    if (tag.name === "port") return portOf(tag.attributes);
    return tag.name === "include" && depth < 4 ? servicePorts(host, tag.attributes.service ?? "", depth + 1) : [];
  });

/** A rich rule, or a plain port or service: from where, what, and whether it is let in. */
interface Entry {
  readonly from?: Cidr;
  readonly family?: 4 | 6;
  readonly ports: readonly Port[];
  /** A rule without element is about everything. */
  readonly all?: boolean;
  readonly accept: boolean;
}

export interface Zone {
  readonly name: string;
  /** `default`, ACCEPT, DROP, %%REJECT%%. */
  readonly target: string;
  readonly interfaces: readonly string[];
  readonly sources: readonly Cidr[];
  readonly entries: readonly Entry[];
}

const cidrOf = (text: string | undefined): Cidr | undefined => {
  const ip = tryIp(text ?? "");
  return ip ? hostCidr(ip) : tryCidr(text ?? "");
};

const richRules = (host: Host, xml: string): Entry[] =>
  [...xml.matchAll(/<rule\b[\s\S]*?<\/rule>/g)].flatMap(([text]): Entry[] => {
    const tags = tagsOf(text);
    const find = (name: string): Tag["attributes"] | undefined => tags.find((t) => t.name === name)?.attributes;
    const from = find("source");
    // Those that mean all but a source, or a set of them, let in nobody that can be told.
    if (
      from &&
      (from.ipset !== undefined || from.mac !== undefined || from.invert !== undefined || from.not !== undefined)
    )
      return [];
    const cidr = cidrOf(from?.address);
    const accept = find("accept") !== undefined;
    if (!accept && find("drop") === undefined && find("reject") === undefined) return [];
    const service = find("service")?.name;
    const ports = service === undefined ? portOf(find("port") ?? {}) : servicePorts(host, service);
    const v = { ipv4: 4, ipv6: 6 } as const;
    const own = v[find("rule")?.family as keyof typeof v];
    const all = service === undefined && find("port") === undefined && find("protocol") === undefined;
    return [
      { ports, accept, ...(all ? { all } : {}), ...(cidr ? { from: cidr } : {}), ...(own ? { family: own } : {}) },
    ];
  });

const readZone = (host: Host, name: string): Zone | undefined => {
  const xml = readFirst(host, `zones/${name}.xml`);
  if (xml === undefined) return undefined;
  const tags = tagsOf(xml);
  const here = (tag: string): Tag["attributes"][] =>
    tags.filter((t) => t.name === tag && !t.in.includes("rule")).map((t) => t.attributes);
  return {
    name,
    target: here("zone")[0]?.target ?? "default",
    interfaces: here("interface").flatMap((a) => (a.name ? [a.name] : [])),
    sources: here("source").flatMap((a) => cidrOf(a.address) ?? []),
    entries: [
      ...richRules(host, xml),
      ...here("port").map((a): Entry => ({ ports: portOf(a), accept: true })),
      ...here("service").map((a): Entry => ({ ports: servicePorts(host, a.name ?? ""), accept: true })),
    ],
  };
};

export interface Firewalld {
  readonly zones: readonly Zone[];
  readonly defaultZone: string;
  /** By link: what NetworkManager's profiles say, which goes before the zones' own lists. */
  readonly byProfile: ReadonlyMap<string, string>;
}

const profiles = "/etc/NetworkManager/system-connections";

const profileZones = (host: Host): Map<string, string> => {
  const zones = new Map<string, string>();
  for (const name of host.list(profiles)) {
    const text = host.read(`${profiles}/${name}`) ?? "";
    const [link] = iniValues(text, "connection", "interface-name");
    const [zone] = iniValues(text, "connection", "zone");
    if (link && zone) zones.set(link, zone);
  }
  return zones;
};

/** Undefined where it is not installed. */
export const readFirewalld = (host: Host): Firewalld | undefined => {
  const conf = host.read("/etc/firewalld/firewalld.conf");
  const names = new Set(folders.flatMap((dir) => host.list(`${dir}/zones`)).filter((name) => name.endsWith(".xml")));
  if (conf === undefined && names.size === 0) return undefined;
  return {
    zones: [...names].sort().flatMap((name) => readZone(host, name.slice(0, -".xml".length)) ?? []),
    defaultZone: /^\s*DefaultZone\s*=\s*(\S+)/m.exec(conf ?? "")?.[1] ?? "public",
    byProfile: profileZones(host),
  };
};

/** The zone that a packet meets: its source's, or its link's, or the default one. */
export const zoneFor = ({ zones, defaultZone, byProfile }: Firewalld, { src, iif }: Packet): Zone | undefined => {
  const named = (name: string | undefined): Zone | undefined => zones.find((z) => z.name === name);
  return (
    zones.find((z) => z.sources.some((c) => cidrFamily(c) === family(src) && contains(c, src))) ??
    named(byProfile.get(iif ?? "")) ??
    zones.find((z) => iif !== undefined && z.interfaces.includes(iif)) ??
    named(defaultZone)
  );
};

export const letsIn = (zone: Zone | undefined, { src, protocol, dport }: Packet): boolean => {
  if (zone === undefined) return false;
  const about = zone.entries.filter(
    (e) =>
      (e.family === undefined || e.family === family(src)) &&
      (e.from === undefined || (cidrFamily(e.from) === family(src) && contains(e.from, src))) &&
      (e.all ||
        e.ports.some((p) => p.protocol === protocol && dport !== undefined && dport >= p.first && dport <= p.last)),
  );
  // Rules that refuse go before those that accept.
  if (about.some((e) => !e.accept)) return false;
  return about.length > 0 || zone.target === "ACCEPT";
};
