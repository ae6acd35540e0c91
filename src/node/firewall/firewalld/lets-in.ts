/** What a zone lets in by its file (firewalld.zone(5)): ports, services with what they include, rich rules. */
import { type Cidr, cidrFamily, contains } from "../../../base/cidr.ts";
import { family } from "../../../base/ip.ts";
import type { Packet } from "../simulate/verdict.ts";
import type { Element } from "../xml.ts";
import { cidrOf, type Files, readElement, type Zone } from "./zones.ts";

interface Port {
  readonly protocol: string;
  readonly first: number;
  readonly last: number;
}

/** A rich rule, or a plain port or service: from where, what, and whether it is let in. */
interface Entry {
  readonly from?: Cidr;
  readonly family?: 4 | 6;
  readonly ports: readonly Port[];
  /** A rule without element is about everything. */
  readonly all?: boolean;
  readonly accept: boolean;
}

const portOf = ({ attributes: { port = "", protocol } }: Element): Port[] => {
  const [first, last] = port.split("-").map(Number);
  return protocol && first ? [{ protocol, first, last: last ?? first }] : [];
};

/** With what it includes. A service without a file lets nothing in. */
const servicePorts = (files: Files, name: string, depth = 0): Port[] =>
  (readElement(files, `services/${name}.xml`, "service")?.children ?? []).flatMap((e) => {
    if (e.name === "port") return portOf(e);
    return e.name === "include" && depth < 4 ? servicePorts(files, e.attributes.service ?? "", depth + 1) : [];
  });

const families = { ipv4: 4, ipv6: 6 } as const;

const richRule = (files: Files, rule: Element): Entry[] => {
  const find = (name: string): Element | undefined => rule.children.find((e) => e.name === name);
  const from = find("source")?.attributes ?? {};
  // Those that mean all but a source, or a set of them, let in nobody that can be told.
  if (["ipset", "mac", "invert", "not"].some((key) => from[key] !== undefined)) return [];
  const cidr = cidrOf(from.address ?? "");
  const accept = find("accept") !== undefined;
  if (!accept && !find("drop") && !find("reject")) return [];
  const service = find("service")?.attributes.name;
  const port = find("port");
  const ports = service === undefined ? (port ? portOf(port) : []) : servicePorts(files, service);
  const own = families[rule.attributes.family as keyof typeof families];
  const all = service === undefined && !port && !find("protocol");
  return [{ ports, accept, ...(all ? { all } : {}), ...(cidr ? { from: cidr } : {}), ...(own ? { family: own } : {}) }];
};

const entriesOf = (files: Files, { element }: Zone): Entry[] =>
  (element?.children ?? []).flatMap((e): Entry[] => {
    if (e.name === "rule") return richRule(files, e);
    if (e.name === "port") return [{ ports: portOf(e), accept: true }];
    return e.name === "service" ? [{ ports: servicePorts(files, e.attributes.name ?? ""), accept: true }] : [];
  });

export const letsIn = (files: Files, zone: Zone, { src, protocol, dport = 0 }: Packet): boolean => {
  const about = entriesOf(files, zone).filter(
    (e) =>
      (e.family === undefined || e.family === family(src)) &&
      (e.from === undefined || (cidrFamily(e.from) === family(src) && contains(e.from, src))) &&
      (e.all || e.ports.some((p) => p.protocol === protocol && dport >= p.first && dport <= p.last)),
  );
  // Rules that refuse go before those that accept.
  if (about.some((e) => !e.accept)) return false;
  return about.length > 0 || zone.open;
};
