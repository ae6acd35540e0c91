/**
 * firewalld's zones as its files have them: which cards and sources a zone has, and what it lets in for good.
 * firewalld.zone(5), nm-settings(5).
 */
import { type Cidr, covers, hostCidr, tryCidr } from "../../../base/cidr.ts";
import { type Ip, tryIp } from "../../../base/ip.ts";
import { iniValues } from "../../reads/ini.ts";
import type { Surroundings } from "../surroundings.ts";
import { type Element, readXml } from "../xml.ts";

export type Files = Pick<Surroundings, "read" | "list">;

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
const folders = ["/etc/firewalld", "/usr/lib/firewalld"] as const;
const conf = "/etc/firewalld/firewalld.conf";

/** The outermost element of a file such as `zones/public.xml`. */
export const readElement = (files: Files, name: string, element: string): Element | undefined => {
  const text = folders.map((folder) => files.read(`${folder}/${name}`)).find((t) => t !== undefined);
  return readXml(text ?? "").find((e) => e.name === element);
};

const attribute = (e: Element | undefined, child: string, name: string): string[] =>
  (e?.children ?? []).flatMap((c) => (c.name === child ? [c.attributes[name] ?? ""] : [])).filter(Boolean);

export const cidrOf = (text: string): Cidr | undefined => {
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

export const readZone = (files: Files, name: string): Zone =>
  zoneFrom(name, readElement(files, `zones/${name}.xml`, "zone"));

/** All that have a file, by name. */
export const readZones = (files: Files): Zone[] => {
  const names = folders.flatMap((folder) => files.list(`${folder}/zones`).filter((f) => f.endsWith(".xml")));
  return [...new Set(names)].sort().map((file) => readZone(files, file.slice(0, -".xml".length)));
};

/** Whether it is there, running or not. */
export const isInstalled = (files: Files): boolean => files.read(conf) !== undefined || readZones(files).length > 0;

/** DefaultZone of /etc/firewalld/firewalld.conf; firewalld's own default is public. */
export const defaultZone = ({ read }: Files): string =>
  /^\s*DefaultZone\s*=\s*(\S+)/m.exec(read(conf) ?? "")?.[1] ?? "public";

const connectionFolders = ["/etc/NetworkManager/system-connections", "/run/NetworkManager/system-connections"];

type Card = Surroundings["cards"][number];

/** NetworkManager tells firewalld the zone of a connection when it brings it up. */
const zoneByNetworkManager = (files: Files, { name, index }: Card): string | undefined => {
  const said = (text: string | undefined, section: string, key: string): string | undefined =>
    iniValues(text ?? "", section, key).at(-1);
  const active = said(files.read(`/run/NetworkManager/devices/${index}`), "device", "connection-uuid");
  const connections = connectionFolders.flatMap((folder) =>
    files.list(folder).map((file) => files.read(`${folder}/${file}`)),
  );
  const mine =
    connections.find((c) => active !== undefined && said(c, "connection", "uuid") === active) ??
    connections.find((c) => said(c, "connection", "interface-name") === name);
  const zone =
    said(mine, "connection", "zone") ??
    // Red Hat's older files are lines of a shell.
    said(files.read(`/etc/sysconfig/network-scripts/ifcfg-${name}`), "", "ZONE")?.replace(/^"(.*)"$/, "$1");
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

/** Zones that packets from some network meet, whatever card they come by: a source goes before a card. */
export const zonesOfSource = (
  zones: readonly Zone[],
  from: Cidr,
): { readonly whole: Zone | undefined; readonly parts: readonly Zone[] } => ({
  whole: zones.find((z) => z.sources.some((s) => covers(s, from))),
  parts: zones.filter((z) => z.sources.some((s) => covers(from, s))),
});

/** The zone that a packet meets: its source's, or that of the card it comes by, or the default one. */
export const zoneOfPacket = (files: Files, zones: readonly Zone[], src: Ip, card: Card | undefined): Zone =>
  zonesOfSource(zones, hostCidr(src)).whole ?? zoneOfCard(files, zones, card ?? { name: "", index: 0 }).zone;
