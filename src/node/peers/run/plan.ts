/** Who tries what: the table of ports, between these nodes. Pure. */
import { type Family, family, type Ip, parseIp } from "../../../base/ip.ts";
import type { Network, PortRow, Role, Source } from "../../ports/row.ts";
import { rowsFor } from "../../ports/rows-for.ts";
import { peersPort } from "../link/token.ts";
import type { Door } from "../traffic/tried.ts";

export interface Member {
  readonly roles: readonly Role[];
  /** At most one of each family. */
  readonly addresses: readonly Ip[];
}

/** One try: places of nodes in the list. Its id is that of the packet; its door's is the same for all who try it. */
export interface Planned {
  readonly id: number;
  readonly door: number;
  /** Absent: for packets of every size and round trips alone, no row of the table. */
  readonly row?: PortRow;
  readonly from: number;
  readonly to: number;
  readonly protocol: Door["protocol"];
  readonly ip: Ip;
  readonly port: number;
}

export interface Plan {
  /** By node. */
  readonly doors: readonly (readonly Door[])[];
  readonly tries: readonly Planned[];
  /** Ordered pairs without a family in common. */
  readonly apart: readonly (readonly [number, number])[];
}

/** Ports of a range that stand for all: the ends, and some between. */
const samples = 5;

export const sample = ([first, last]: readonly [number, number]): number[] => {
  if (last - first < samples) return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  return Array.from({ length: samples }, (_, i) => Math.round(first + ((last - first) * i) / (samples - 1)));
};

const loopback = { 4: parseIp("127.0.0.1"), 6: parseIp("::1") } as const satisfies Record<Family, Ip>;

/** Pods and clients come from where nodes are: those stand for them. */
const matches = (source: Source, roles: readonly Role[]): boolean => {
  switch (source) {
    case "control-planes":
      return roles.includes("control-plane");
    case "etcd":
      return roles.includes("etcd");
    case "self":
      return false;
    case "nodes":
    case "pods":
    case "clients":
      return true;
  }
};

const familiesOf = ({ addresses }: Member): Family[] => addresses.map(family);

export const planOf = (members: readonly Member[], networks: readonly Network[]): Plan => {
  const tries: Planned[] = [];
  const doors = members.map((): Door[] => []);
  let lastDoor = 0;
  const openAt = (to: number, spot: Omit<Door, "id">): number => {
    const id = ++lastDoor;
    doors[to]!.push({ id, ...spot });
    return id;
  };
  const add = (one: Omit<Planned, "id">): void => {
    tries.push({ id: tries.length + 1, ...one });
  };
  members.forEach((member, to) => {
    const others = members.map((_, i) => i).filter((i) => i !== to);
    const tryAt = (spot: Omit<Door, "id">, froms: readonly number[], row?: PortRow): void => {
      if (froms.length === 0) return;
      const door = openAt(to, spot);
      for (const from of froms) add({ door, from, to, ...spot, ...(row ? { row } : {}) });
    };
    const reaching = (froms: readonly number[], f: Family): number[] =>
      froms.filter((from) => from === to || familiesOf(members[from]!).includes(f));
    for (const row of rowsFor(member.roles, networks)) {
      const { protocol } = row;
      const self = row.from.includes("self");
      const froms = others.filter((i) => row.from.some((source) => matches(source, members[i]!.roles)));
      for (const port of sample(row.ports)) {
        for (const ip of member.addresses) {
          // IP in IP is IPv4 in IPv4.
          if (protocol === "ip" && family(ip) === 6) continue;
          const own = self && ip === member.addresses[0] && row.from.length > 1 ? [to] : [];
          tryAt({ protocol, ip, port }, [...own, ...reaching(froms, family(ip))], row);
        }
        const main = member.addresses[0];
        if (self && row.from.length === 1 && main) tryAt({ protocol, ip: loopback[family(main)], port }, [to], row);
      }
    }
    for (const ip of member.addresses) tryAt({ protocol: "udp", ip, port: peersPort }, reaching(others, family(ip)));
  });
  const apart = members.flatMap((a, from) =>
    members.flatMap((b, to) =>
      from !== to && !familiesOf(a).some((f) => familiesOf(b).includes(f)) ? [[from, to] as const] : [],
    ),
  );
  return { doors, tries, apart };
};
