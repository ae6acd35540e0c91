/** Sends probes, one source at a time as room allows, and turns the loop until the last has landed. */
import { family } from "../base/ip.ts";
import { startDatagrams } from "./datagram.ts";
import type { Flight } from "./flight.ts";
import { startTcp } from "./tcp.ts";
import type { Traffic } from "./traffic.ts";

/** Started together: each may begin with an ARP broadcast to every port of a bridge, and the kernel's backlog is short. */
const AT_ONCE = 32;

/** Flights of one source, protocol and address family. */
const groupsOf = (flights: readonly Flight[]): Flight[][] => {
  const groups: Flight[][] = [];
  let last = "";
  for (const flight of flights) {
    const { traffic, from, proto, toIp } = flight.probe;
    const key = `${traffic} ${from} ${proto} ${family(toIp)}`;
    if (key !== last) groups.push([]);
    last = key;
    groups.at(-1)!.push(flight);
  }
  return groups;
};

/**
 * `on.ready` says whether a group may start now; `idle` when nothing is in flight, and then it must. `room`: how many may be in flight. A healthy network never gets near it, since one source's answers are taken before
 * the next source starts; silence does.
 */
export const runProbes = (
  t: Traffic,
  flights: readonly Flight[],
  room: number,
  on: { ready(group: readonly Flight[], idle: boolean): boolean; turn(): void },
): void => {
  const groups = groupsOf(flights).reverse();
  const flying = new Set<Flight>();
  while (groups.length > 0 || flying.size > 0) {
    for (const flight of flying) if (flight.done) flying.delete(flight);
    const free = room - flying.size;
    if (groups.length > 0 && free > 0) {
      const group = groups.pop()!;
      const size = Math.min(free, AT_ONCE);
      if (group.length > size) groups.push(group.splice(size));
      if (!on.ready(group, flying.size === 0)) {
        groups.push(group);
        t.loop.turn(Number.POSITIVE_INFINITY);
        continue;
      }
      (group[0]!.probe.proto === "tcp" ? startTcp : startDatagrams)(t, group);
      for (const flight of group) if (!flight.done) flying.add(flight);
      t.loop.turn(0);
    } else t.loop.turn(Number.POSITIVE_INFINITY);
    on.turn();
  }
};
