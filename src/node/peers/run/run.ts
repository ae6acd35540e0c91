/** A run between nodes: facts, clocks, doors, tries, paths, the end. A node that goes meanwhile ends nothing but its own part. */
import { randomBytes } from "node:crypto";
import { hex } from "../../../base/bytes.ts";
import type { Clock } from "../../../base/clock.ts";
import { faultMessage, faultOf } from "../../../base/fault.ts";
import { family } from "../../../base/ip.ts";
import type { Network } from "../../ports/row.ts";
import type { PeerFacts } from "../talk/facts.ts";
import type { Peer } from "../talk/peer.ts";
import type { DoorState, Path, PathFound, Tried } from "../traffic/tried.ts";
import { readClock } from "./clock.ts";
import type { ClockReading, Found, Lost, PathOne, PeerNode, TriedOne } from "./found.ts";
import { type Plan, type Planned, planOf } from "./plan.ts";

export interface Joined {
  readonly peer: Peer;
  readonly facts: PeerFacts;
}

export interface RunOptions {
  readonly networks: readonly Network[];
  readonly clock: Clock;
  /** Milliseconds until silence counts as such; more than a second, after which a lost SYN is repeated. */
  readonly timeoutMs?: number;
  readonly onStep?: (what: string) => void;
  readonly lost?: readonly Lost[];
  readonly expected?: number;
}

const labelsOf = (all: readonly Joined[]): string[] =>
  all.map(({ facts }) => {
    const same = all.filter((other) => other.facts.node === facts.node).length;
    return same > 1 ? `${facts.node} (${facts.addresses[0] ?? "no address"})` : facts.node;
  });

/** Of those who did not go: what each gives; undefined for the others. */
type Each = <T>(ask: (peer: Peer, i: number) => Promise<T>) => Promise<(T | undefined)[]>;

const eachOf = (all: readonly Joined[], labels: readonly string[], lost: Lost[]): Each => {
  const gone = new Set<number>();
  return (ask) =>
    Promise.all(
      all.map(async ({ peer }, i) => {
        if (gone.has(i)) return undefined;
        try {
          return await ask(peer, i);
        } catch (error) {
          if (!gone.has(i)) lost.push({ who: labels[i]!, why: faultMessage(faultOf(error)) });
          gone.add(i);
          return undefined;
        }
      }),
    );
};

export const runBetweenPeers = async (all: readonly Joined[], options: RunOptions): Promise<Found> => {
  const { networks, clock, timeoutMs = 1500, onStep = () => {}, expected } = options;
  const labels = labelsOf(all);
  const lost: Lost[] = [...(options.lost ?? [])];
  const each = eachOf(all, labels, lost);
  try {
    onStep("comparing clocks");
    const clocks = await each((peer) => readClock(peer, clock));
    const plan = planOf(
      all.map(({ facts }) => facts),
      networks,
    );
    onStep("opening ports");
    const key = hex(new Uint8Array(randomBytes(32)));
    const states = await each((peer, i) => peer.ask("open", { key, doors: [...plan.doors[i]!] }));
    onStep(`trying ${plan.tries.length} ways`);
    const tried = await tryAll(plan, states, each, timeoutMs);
    onStep("measuring paths");
    const paths = await measurePaths(tried, each);
    await each((peer) => peer.ask("end", {}));
    return {
      nodes: all.map(({ facts }, i) => nodeOf(labels[i]!, facts, clocks[i])),
      networks,
      tried,
      paths,
      apart: plan.apart,
      lost,
      ...(expected === undefined ? {} : { expected }),
    };
  } finally {
    for (const { peer } of all) peer.close();
  }
};

const nodeOf = (label: string, facts: PeerFacts, clock: ClockReading | undefined): PeerNode => ({
  label,
  facts,
  ...(clock ? { clock } : {}),
});

const tryAll = async (
  plan: Plan,
  states: readonly (readonly DoorState[] | undefined)[],
  each: Each,
  timeoutMs: number,
): Promise<TriedOne[]> => {
  const doors = new Map(states.flatMap((of) => (of ?? []).map((state) => [state.id, state] as const)));
  const worthTrying = plan.tries.filter((t) => doors.has(t.door) && doors.get(t.door)!.state !== "cannot");
  const ask = (some: readonly Planned[]): Promise<(Tried[] | undefined)[]> =>
    each((peer, i) => {
      const tries = some
        .filter((t) => t.from === i)
        .map(({ id, protocol, ip, port, door }) => ({
          id,
          protocol,
          ip,
          port,
          proof: doors.get(door)!.state === "open",
        }));
      return tries.length > 0 ? peer.ask("try", { timeoutMs, tries }) : Promise.resolve([]);
    });
  const ends = await ask(worthTrying);
  // All at once may have been too much for somebody: what was silent has a second chance, among fewer.
  const silent = new Set(ends.flatMap((of) => (of ?? []).filter((e) => e.outcome === "silent").map((e) => e.id)));
  const again = silent.size > 0 ? await ask(worthTrying.filter((t) => silent.has(t.id))) : [];
  const arrivals = (await each((peer) => peer.ask("arrived", {}))).map((ids) => ids && new Set(ids));
  const byId = new Map<number, Tried>([...ends, ...again].flatMap((of) => (of ?? []).map((end) => [end.id, end])));
  return plan.tries.map((t) => {
    const state = doors.get(t.door);
    // Of a node that went during the tries, silence says nothing.
    const end = arrivals[t.to] ? byId.get(t.id) : undefined;
    const arrived = arrivals[t.to]?.has(t.id) ?? false;
    return { ...t, arrived, ...(state ? { state } : {}), ...(end ? { end } : {}) };
  });
};

/** By a UDP port that was answered: first the one that is for it, or any. */
const measurePaths = async (tried: readonly TriedOne[], each: Each): Promise<PathOne[]> => {
  const ways = new Map<string, { from: number; to: number; family: 4 | 6; path: Path | undefined }>();
  for (const t of tried) {
    if (t.protocol !== "udp" || t.from === t.to) continue;
    const f = family(t.ip);
    const key = `${t.from} ${t.to} ${f}`;
    const there = ways.get(key);
    const answered = t.end?.outcome === "answered" && t.state?.state === "open";
    const better = answered && (!there?.path || !t.row);
    const path = better ? { id: t.id, ip: t.ip, port: t.port } : there?.path;
    ways.set(key, { from: t.from, to: t.to, family: f, path });
  }
  const all = [...ways.values()];
  const found = await each((peer, i) => {
    const paths = all.flatMap((w) => (w.from === i && w.path ? [w.path] : []));
    return paths.length > 0 ? peer.ask("paths", { paths }) : Promise.resolve([]);
  });
  const byId = new Map<number, PathFound>(found.flatMap((of) => (of ?? []).map((p) => [p.id, p] as const)));
  return all.map(({ from, to, family: f, path }) => {
    const one = path && byId.get(path.id);
    return { from, to, family: f, ...(one ? { found: one } : {}) };
  });
};
