/** What a node's firewall has to let in, out of the table of ports. Pure. */
import { type Cidr, cidrFamily, cidrText } from "../../base/cidr.ts";
import type { Family } from "../../base/ip.ts";
import type { PortRow } from "../ports/row.ts";

/** Packets for the node itself, of one protocol and range of ports, from somewhere. */
export interface InputOpening {
  readonly to: "node";
  /** The row's. */
  readonly id: string;
  readonly protocol: PortRow["protocol"];
  readonly ports: PortRow["ports"];
  /** Absent: from anywhere, and then for each of `families`. */
  readonly from?: Cidr;
  readonly families: readonly Family[];
}

/** Packets that the node passes on, from and to pods. */
export interface PodsOpening {
  readonly to: "pods";
  readonly id: "pods";
  readonly pods: Cidr;
  readonly families: readonly Family[];
}

export type Opening = InputOpening | PodsOpening;

export interface Sources {
  /** Where the nodes are; empty when nobody said. */
  readonly nodes: readonly Cidr[];
  readonly pods: readonly Cidr[];
  /** Subnets of the node's own cards: where other nodes are, when nobody said. */
  readonly neighbours: readonly Cidr[];
  /** The node has addresses of. */
  readonly families: readonly Family[];
}

/** Whoever reaches a tunnel's port is in the pod network: it is never opened to the world. */
export const isTunnel = ({ protocol, owners, from }: PortRow): boolean =>
  owners.length === 0 && protocol !== "tcp" && !from.includes("clients");

/** @returns undefined for anywhere */
const sourcesOf = (row: PortRow, { nodes, pods, neighbours }: Sources): readonly Cidr[] | undefined => {
  if (row.from.includes("clients")) return undefined;
  const near = nodes.length > 0 ? nodes : isTunnel(row) ? neighbours : undefined;
  return near && [...near, ...(row.from.includes("pods") ? pods : [])];
};

/** Rows that only the node itself asks need none: loopback is open everywhere. */
export const openingsOf = (rows: readonly PortRow[], sources: Sources): Opening[] => [
  ...rows
    .filter((row) => row.from.some((source) => source !== "self"))
    .flatMap((row): Opening[] => {
      const { id, protocol, ports } = row;
      const from = sourcesOf(row, sources);
      if (!from) return [{ to: "node", id, protocol, ports, families: sources.families }];
      return from
        .filter((cidr) => sources.families.includes(cidrFamily(cidr)))
        .map((cidr) => ({ to: "node", id, protocol, ports, from: cidr, families: [cidrFamily(cidr)] }));
    }),
  ...sources.pods
    .filter((cidr) => sources.families.includes(cidrFamily(cidr)))
    .map((pods): Opening => ({ to: "pods", id: "pods", pods, families: [cidrFamily(pods)] })),
];

/** How our rules are known: as a comment, where the manager has them. */
export const markOf = (o: Opening): string =>
  `podwire: ${o.id}${o.to === "node" && o.from ? ` from ${cidrText(o.from)}` : ""}`;

/** Rows that no rule is given for, since nobody said where the nodes are. */
export const unopened = (rows: readonly PortRow[], sources: Sources): PortRow[] =>
  rows.filter((row) => sourcesOf(row, sources)?.length === 0);
