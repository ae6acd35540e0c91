/** Two nodes on one wire for tests: 10.0.0.1 and 10.0.0.2, fd00::1 and fd00::2, each with a station of one run. */
import { randomBytes } from "node:crypto";
import { parseIp } from "../../../base/ip.ts";
import { type TestNetns, withNetns } from "../../../kernel/testing/netns.ts";
import { type Kernel, openKernel } from "../../../net/kernel.ts";
import { openStation, type Station } from "../traffic/station.ts";
import type { Door, Tried, Try } from "../traffic/tried.ts";

export interface Two {
  readonly kernel: Kernel;
  /** Of the run. */
  readonly key: Uint8Array;
  readonly one: Station;
  readonly two: Station;
  readonly a: TestNetns;
  readonly b: TestNetns;
}

export const withTwoStations = (act: (two: Two) => Promise<void>): Promise<void> =>
  withNetns((a) =>
    withNetns(async (b) => {
      a.ip(`link add eth0 mtu 1500 type veth peer name eth0 netns ${b.name} mtu 1500`);
      for (const [ns, n] of [[a, 1] as const, [b, 2] as const]) {
        ns.ip("link set lo up");
        ns.ip("link set eth0 up");
        ns.ip(`addr add 10.0.0.${n}/24 dev eth0`);
        ns.ip(`addr add fd00::${n}/64 dev eth0 nodad`);
      }
      using kernel = openKernel();
      const key = new Uint8Array(randomBytes(32));
      using one = openStation(kernel.open(a.path), key);
      using two = openStation(kernel.open(b.path), key);
      await act({ kernel, key, one, two, a, b });
    }),
  );

export const second = parseIp("10.0.0.2");
export const second6 = parseIp("fd00::2");
export const door = (id: number, protocol: Door["protocol"], port: number, ip = second): Door => ({
  id,
  protocol,
  ip,
  port,
});
export const trying = (doors: readonly Door[], proof = true): Try[] => doors.map((d) => ({ ...d, proof }));
export const byId = (ends: readonly Tried[]): Tried[] => [...ends].sort((x, y) => x.id - y.id);
/** Silence has to be waited for: the shorter, the sooner the tests end. */
export const timeoutMs = 300;
