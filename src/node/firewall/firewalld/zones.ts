/**
 * firewalld's zones as its files have them: which cards and sources a zone has, and what it lets in for good.
 * firewalld.zone(5), nm-settings(5).
 */
import { type Cidr, cidrFamily, contains, hostCidr, lastOf, tryCidr } from "../../../base/cidr.ts";
import { tryIp } from "../../../base/ip.ts";
import type { Surroundings } from "../surroundings.ts";
import { type Element, readXml } from "../xml.ts";

type Files = Pick<Surroundings, "read" | "list">;

export interface Zone {
  readonly name: string;
  /** Everything is let in: nothing is to be opened. */
  readonly open: boolean;
  readonly interfaces: readonly string[];
  readonly sources: readonly Cidr[];
  /** Its element, with all that it lets in. */
  readonly element: Element | undefined;
}

/** An administrator's file hides the one that came with the package. */
const folders = ["/etc/firewalld/zones", "/usr/lib/firewalld/zones"] as const;

const attribute = (e: Element | undefined, child: string, name: string): string[] =>
  (e?.children ?? []).flatMap((c) => (c.name === child ? [c.attributes[name] ?? ""] : [])).filter(Boolean);

const cidrOf = (text: string): Cidr | undefined => {
  const ip = tryIp(text);
  return ip === undefined ? tryCidr(text) : hostCidr(ip);
};

const zoneFrom = (name: string, element: Element | undefined): Zone => ({
  name,
  open: element === undefined ? name === "trusted" : element.attributes.target === "ACCEPT",
  interfaces: attribute(element, "interface", "name"),
  sources: attribute(element, "source", "address")
    .map(cidrOf)
    .filter((c) => c !== undefined),
  element,
});

export const readZone = (files: Files, name: string): Zone => {
  const text = folders.map((folder) => files.read(`${folder}/${name}.xml`)).find((t) => t !== undefined);
  return zoneFrom(
    name,
    readXml(text ?? "").find((e) => e.name === "zone"),
  );
};

/** All that have a file, by name. */
export const readZones = (files: Files): Zone[] => {
  const names = folders.flatMap((folder) => files.list(folder).filter((f) => f.endsWith(".xml")));
  return [...new Set(names)].sort().map((file) => readZone(files, file.slice(0, -".xml".length)));
};

/** DefaultZone of /etc/firewalld/firewalld.conf; firewalld's own default is public. */
export const defaultZone = ({ read }: Files): string =>
  /^\s*DefaultZone\s*=\s*(\S+)/m.exec(read("/etc/firewalld/firewalld.conf") ?? "")?.[1] ?? "public";

/** Values of an ini file, as `section.key`. */
const readIni = (text: string): ReadonlyMap<string, string> => {
  let section = "";
  const found = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [, name] = /^\s*\[(.+?)\]\s*$/.exec(line) ?? [];
    const [, key, value] = /^\s*([\w.-]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (name !== undefined) section = name;
    else if (key !== undefined) found.set(`${section}.${key}`, (value ?? "").replace(/^"(.*)"$/, "$1"));
  }
  return found;
};

const connectionFolders = ["/etc/NetworkManager/system-connections", "/run/NetworkManager/system-connections"];

type Card = Surroundings["cards"][number];

/** NetworkManager tells firewalld the zone of a connection when it brings it up. */
const zoneByNetworkManager = (files: Files, { name, index }: Card): string | undefined => {
  const active = readIni(files.read(`/run/NetworkManager/devices/${index}`) ?? "").get("device.connection-uuid");
  const connections = connectionFolders.flatMap((folder) =>
    files.list(folder).map((file) => readIni(files.read(`${folder}/${file}`) ?? "")),
  );
  const mine =
    connections.find((c) => active !== undefined && c.get("connection.uuid") === active) ??
    connections.find((c) => c.get("connection.interface-name") === name);
  const zone =
    mine?.get("connection.zone") ??
    readIni(files.read(`/etc/sysconfig/network-scripts/ifcfg-${name}`) ?? "").get(".ZONE");
  return zone === "" ? undefined : zone;
};

/** Whose rules the packets that come by a card meet, and by what that is known. */
export const zoneOfCard = (
  files: Files,
  zones: readonly Zone[],
  card: Card,
): { readonly zone: Zone; readonly because: string } => {
  const named = (name: string): Zone => zones.find((z) => z.name === name) ?? zoneFrom(name, undefined);
  const managed = zoneByNetworkManager(files, card);
  if (managed !== undefined) return { zone: named(managed), because: "by its NetworkManager connection" };
  const bound = zones.find((z) => z.interfaces.includes(card.name));
  if (bound) return { zone: bound, because: `by zones/${bound.name}.xml` };
  return { zone: named(defaultZone(files)), because: "the default zone" };
};

const inside = (outer: Cidr, inner: Cidr): boolean =>
  cidrFamily(outer) === cidrFamily(inner) && contains(outer, inner.ip) && contains(outer, lastOf(inner));

/** Zones that packets from some network meet, whatever card they come by: a source goes before a card. */
export const zonesOfSource = (
  zones: readonly Zone[],
  from: Cidr,
): { readonly whole: Zone | undefined; readonly parts: readonly Zone[] } => ({
  whole: zones.find((z) => z.sources.some((s) => inside(s, from))),
  parts: zones.filter((z) => z.sources.some((s) => inside(from, s))),
});
