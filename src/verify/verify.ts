/** Proves a pod network's promises by real traffic between the endpoints' network namespaces. Changes nothing in them. */

import { FaultError } from "../base/fault.ts";
import { family } from "../base/ip.ts";
import { type Loop, openLoop } from "../kernel/os/loop.ts";
import { raiseFileLimit } from "../kernel/os/rlimit.ts";
import { type Kernel, openKernel } from "../net/kernel.ts";
import { hearIcmp, hearUdp, serveUdp } from "./datagram.ts";
import { type Flight, newFlight } from "./flight.ts";
import { type CommonPort, openGround } from "./ground.ts";
import { judge } from "./judge.ts";
import { openNeighbourRoom } from "./neighbour-room.ts";
import { type Probe, planProbes } from "./plan.ts";
import { promiseIds } from "./promises.ts";
import { runProbes } from "./run-probes.ts";
import { heldAddresses } from "./survey.ts";
import { newTally } from "./tally.ts";
import { serveTcp } from "./tcp.ts";
import type { Traffic } from "./traffic.ts";
import { type Endpoint, protocols, type Report, type VerifyOptions } from "./types.ts";
import { checkUnique } from "./unique.ts";

/** The kernel repeats a lost ARP request, and a lost SYN, after one second: less would take one lost frame for a broken path. */
export const defaultTimeoutMs = 1500;
const MOST_IN_FLIGHT = 4096;
/** Descriptors that are not sockets of ours: what the runtime holds, and a margin. */
const RESERVED_FDS = 64;
/** Namespace, rtnetlink, and at most two servers and two clients in each address family. */
const FDS_PER_ENDPOINT = 10;

/** A probe holds two descriptors at most: both ends of a connection. @throws FaultError unavailable */
const roomFor = (endpoints: number): number => {
  const limit = raiseFileLimit();
  const room = Math.min(MOST_IN_FLIGHT, Math.floor((limit - RESERVED_FDS - FDS_PER_ENDPOINT * endpoints) / 2));
  if (room >= 16) return room;
  const why = `${endpoints} endpoints need more open files than the ${limit} that this process may have`;
  throw new FaultError({ kind: "unavailable", why, fix: `ulimit -n ${FDS_PER_ENDPOINT * endpoints + 4096}` });
};

const checkEndpoints = (endpoints: readonly Endpoint[]): void => {
  const seen = new Set<string>();
  for (const { name, ips } of endpoints) {
    if (ips.length === 0)
      throw new FaultError({
        kind: "bad-value",
        what: `endpoint ${name}`,
        got: "no address",
        want: "one or more",
        fix: "podwire lab status",
      });
    if (seen.has(name))
      throw new FaultError({
        kind: "bad-value",
        what: "endpoint name",
        got: `${name} twice`,
        want: "unique names",
        fix: "leave one of the two out",
      });
    seen.add(name);
  }
};

/**
 * Runs all probes and reports. Blocks until done: about 0.1 ms for a probe, and the time allowed once more for each
 * few thousand that go unanswered.
 * @throws FaultError bad-value, bad-netns, permission, kernel, unavailable: what kept it from running, not what it found
 */
export const verify = (endpoints: readonly Endpoint[], options: VerifyOptions = {}): Report => {
  checkEndpoints(endpoints);
  const room = roomFor(endpoints.length);
  using kernel = openKernel();
  using loop = openLoop();
  return run(kernel, loop, endpoints, room, options);
};

const run = (
  kernel: Kernel,
  loop: Loop,
  endpoints: readonly Endpoint[],
  room: number,
  options: VerifyOptions,
): Report => {
  const started = performance.now();
  const wanted = { protocols: options.protocols ?? protocols, promises: options.promises ?? promiseIds };
  const tally = newTally(wanted.promises, options.keep ?? "all");
  const doors = endpoints.map((e) => kernel.open(e.netns));
  const held = doors.map(heldAddresses);
  const { findings, sounds } = checkUnique(endpoints, held);
  for (const finding of findings) tally.add(finding);

  const probes = planProbes(sounds, wanted);
  const all = endpoints.map((endpoint) => ({ endpoint, ips: endpoint.ips }));
  const whole = planProbes(all, wanted);
  countUnsound(tally.skip, whole, probes);
  for (const { from, to } of without(whole, probes))
    tally.doubt({ from: endpoints[from]!.name, to: endpoints[to]!.name });

  using neighbours = openNeighbourRoom(doors, new Set(probes.map((p) => `${p.from} ${p.toIp}`)).size);
  const spoken = new Set(probes.map((p) => p.proto));
  const common: CommonPort = { tcp: 0, udp: 0 };
  const flights = probes.map(newFlight);
  let landed = 0;
  const t: Traffic = {
    loop,
    nonce: crypto.getRandomValues(new Uint32Array(1))[0]!,
    timeoutMs: options.timeoutMs ?? defaultTimeoutMs,
    grounds: sounds.map((s, i) => openGround(doors[i]!, s.ips, spoken, common)),
    flights,
    mtuOf: (probe) => held[probe.from]?.find((h) => h.ip === probe.fromIp)?.mtu ?? 0,
    land: (flight, error) => {
      if (flight.done) return;
      flight.done = true;
      landed++;
      if (error !== undefined) flight.error = error;
      flight.micros = Math.round((performance.now() - flight.startedAt) * 1000);
      flight.release?.();
    },
  };
  listen(t);
  const heldIps = held.map((of) => of.map((h) => h.ip));

  const on = {
    ready: (group: readonly Flight[], idle: boolean) =>
      neighbours.ready(family(group[0]!.probe.toIp), group.length, idle),
    turn: () => options.onProgress?.(landed, flights.length),
  };
  const [small, large] = [flights.filter((f) => f.probe.traffic !== "full-mtu"), flights.filter(isLarge)];
  runProbes(t, small, room, on);
  for (const flight of small) for (const verdict of judge(endpoints, heldIps, flight)) tally.add(verdict);
  // A pair that is cut off would lose large packets too: that is not the MTU's fault.
  const cut = new Set(small.filter((f) => f.error !== undefined).map(pairKey));
  const worth = large.filter((f) => !cut.has(pairKey(f)));
  tally.skip("full-mtu", large.length - worth.length);
  runProbes(t, worth, room, on);
  for (const flight of worth) for (const verdict of judge(endpoints, heldIps, flight)) tally.add(verdict);

  const millis = Math.round(performance.now() - started);
  return tally.report({ endpoints, notes: neighbours.notes(), millis });
};

const isLarge = (f: Flight): boolean => f.probe.traffic === "full-mtu";
const pairKey = ({ probe }: Flight): string => `${probe.from} ${probe.toIp}`;

/** Probes that would have been sent had every address been sound. */
const countUnsound = (
  skip: (promise: Probe["traffic"] | "no-nat", n: number) => void,
  all: readonly Probe[],
  sent: readonly Probe[],
): void => {
  for (const id of ["pod-to-pod", "pod-to-node", "node-to-pod", "full-mtu"] as const) {
    const of = (list: readonly Probe[]): number => list.filter((p) => p.traffic === id).length;
    skip(id, of(all) - of(sent));
    if (id === "pod-to-pod") skip("no-nat", of(all) - of(sent));
  }
};

const without = (all: readonly Probe[], sent: readonly Probe[]): readonly Probe[] => {
  if (all.length === sent.length) return [];
  const keyOf = (p: Probe): string => [p.traffic, p.proto, p.from, p.to, p.fromIp, p.toIp].join(" ");
  const keys = new Set(sent.map(keyOf));
  return all.filter((p) => !keys.has(keyOf(p)));
};

const listen = (t: Traffic): void => {
  for (const [endpoint, ground] of t.grounds.entries()) {
    for (const door of ground.doors.values()) {
      if (door.tcp !== undefined) serveTcp(t, endpoint, door.tcp);
      if (door.udp !== undefined) serveUdp(t, endpoint, door.udp);
    }
    for (const [f, station] of ground.stations) {
      if (station.udp !== undefined) hearUdp(t, station.udp);
      if (station.icmp !== undefined) hearIcmp(t, endpoint, station.icmp, f);
    }
  }
};
