/** What must come in to a node, as packets, and what becomes of them in the running ruleset. */
import { cidrFamily, contains, networkOf } from "../../base/cidr.ts";
import { bitsOf, type Ip, ipAdd } from "../../base/ip.ts";
import type { Asked } from "../asked.ts";
import type { Fix } from "../check.ts";
import { isTunnel } from "../firewall/openings.ts";
import type { OwnerName, Ruleset } from "../firewall/ruleset/model.ts";
import { simulate } from "../firewall/simulate/simulate.ts";
import type { Decider, Packet } from "../firewall/simulate/verdict.ts";
import type { Host } from "../host.ts";
import { type PortRow, roles } from "../ports/row.ts";
import { portText, rowsFor } from "../ports/rows-for.ts";
import { nodeAddress } from "./uplinks.ts";

/** A row that others must reach; a packet to its first port, and to its last. */
export interface Door {
  readonly row: PortRow;
  readonly packets: readonly Packet[];
  /** Where it is to be opened to alone, for a shell; absent: to anybody. */
  readonly to?: string;
}

export interface Tried {
  readonly door: Door;
  readonly is: "open" | "closed" | "unclear";
  /** What closes it. */
  readonly by?: Decider;
  /** What it depends on. */
  readonly doubt?: string;
}

/** An address beside this one, as another node may have: nobody said which. */
const beside = (host: Host, ip: Ip): Ip => {
  const own = host.addresses.find((a) => a.address.ip === ip)?.address;
  const next = ipAdd(ip, 1);
  return own === undefined || contains(own, ipAdd(next, 1)) ? next : ipAdd(ip, -1);
};

/** Where the other nodes most likely are; an address that stands alone, as clouds give them, says nothing of that. */
const subnetOf = (host: Host, ip: Ip): string => {
  const own = host.addresses.find((a) => a.address.ip === ip)?.address;
  return own === undefined || own.prefix === bitsOf(cidrFamily(own)) ? "NODES-CIDR" : `${networkOf(own)}/${own.prefix}`;
};

/** None when the node has no address to go by. Protocols of IP without ports are tried between nodes. */
export const doorsOf = (host: Host, asked: Asked): Door[] => {
  const node = nodeAddress(host, asked);
  if (!node) return [];
  const src = beside(host, node.ip);
  return rowsFor(asked.roles, asked.networks).flatMap((row): Door[] => {
    const { protocol, ports, from } = row;
    if (protocol === "ip" || from.every((source) => source === "self")) return [];
    const iif = node.link?.name;
    const packets = [...new Set(ports)].map(
      (dport): Packet => ({ protocol, src, dst: node.ip, dport, ...(iif === undefined ? {} : { iif }) }),
    );
    return [{ row, packets, ...(isTunnel(row) ? { to: subnetOf(host, node.ip) } : {}) }];
  });
};

export const tryDoors = (ruleset: Ruleset, doors: readonly Door[]): Tried[] =>
  doors.map((door): Tried => {
    const verdicts = door.packets.map((packet) => simulate(ruleset, packet));
    const closed = verdicts.find(({ fate }) => fate === "dropped" || fate === "rejected");
    if (closed) return { door, is: "closed", ...(closed.by ? { by: closed.by } : {}) };
    const unclear = verdicts.find(({ fate }) => fate === "unclear");
    if (!unclear) return { door, is: "open" };
    const doubt = unclear.doubts[0];
    const by = doubt?.at ?? unclear.by;
    return { door, is: "unclear", doubt: doubt?.what ?? "what cannot be known", ...(by ? { by } : {}) };
  });

export const doorNames = (tried: readonly { readonly door: Door }[]): string =>
  tried.map(({ door }) => portText(door.row)).join(", ");

const builtIn = ["INPUT", "FORWARD", "OUTPUT"];

/** ufw sets the policies of iptables' own chains, too. */
export const ownerOf = (ruleset: Ruleset, by: Decider): OwnerName | "kernel" => {
  if (by.owner !== "person" || by.rule !== undefined || !builtIn.includes(by.chain ?? "")) return by.owner;
  const table = ruleset.tables.find((t) => t.family === by.family && t.name === by.table && t.backend === by.backend);
  const chains = [...(table?.chains.values() ?? [])];
  return chains.find(({ owner }) => owner === "ufw" || owner === "docker" || owner === "firewalld")?.owner ?? "person";
};

const backends = { nf_tables: "nftables", "iptables-nft": "iptables", "iptables-legacy": "iptables-legacy" } as const;

/** firewalld and ufw have checks of their own, which say it in their words. */
export const isManaged = (ruleset: Ruleset, by: Decider | undefined): boolean =>
  by !== undefined && ["firewalld", "ufw"].includes(ownerOf(ruleset, by));

/** `firewalld's chain filter_IN_public of table inet firewalld (nftables), rule 7: reject`. */
export const deciderText = (ruleset: Ruleset, by: Decider): string => {
  if (by.chain === undefined || by.table === undefined) return by.text;
  const owner = ownerOf(ruleset, by);
  const whose = owner === "person" || owner === "kernel" ? "" : `${owner}'s `;
  const how = by.backend ? ` (${backends[by.backend]})` : "";
  const rule = by.rule === undefined ? "" : `, rule ${by.rule}`;
  return `${whose}chain ${by.chain} of table ${by.family} ${by.table}${how}${rule}: ${by.text}`;
};

/** What lets in all that the role needs, in the words of whatever manages this host's rules. */
export const openingFix = ({ roles: has, networks }: Asked, managed: boolean): Fix => {
  const role = roles.find((r) => has.includes(r)) ?? "worker";
  const parts = networks.length > 0 ? networks.join(",") : "none";
  const line = (act: string): string => `podwire node firewall --role ${role} --network ${parts} ${act}`;
  return { command: line("--apply"), undo: line("--remove"), survivesReboot: managed };
};
