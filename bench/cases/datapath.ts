/** What pods get: round trip and throughput between two pods of one node, wired by us and wired by the reference. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { call, env, go, podwire, type Side, withPods } from "../cni.ts";
import { type Case, inTurn, median } from "../harness.ts";

const RUNS = 15;
const child = new URL("../traffic.child.ts", import.meta.url).pathname;

const bridgeOf = (side: Side): string => `brp-${side.name}`;

const config = (side: Side, dataDir: string): object => ({
  cniVersion: "1.0.0",
  name: `path-${side.name}`,
  type: "bridge",
  bridge: bridgeOf(side),
  isGateway: true,
  ipam: { type: "host-local", dataDir, ranges: [[{ subnet: `10.${side.name === "go" ? 5 : 6}.0.0/16` }]] },
});

interface Wired {
  readonly server: string;
  readonly client: string;
  /** Address of the server's pod. */
  readonly ip: string;
}

const wire = async (side: Side, dir: string, path: (name: string) => string): Promise<Wired> => {
  const add = async (pod: string): Promise<string> => {
    const { stdout } = await call(side, "bridge", env(side, "ADD", pod, path(pod)), config(side, dir));
    return (JSON.parse(stdout) as { ips: { address: string }[] }).ips[0]!.address.split("/")[0]!;
  };
  const [server, client] = [`${side.name}-server`, `${side.name}-client`];
  const ip = await add(server);
  await add(client);
  return { server: path(server), client: path(client), ip };
};

/** Microseconds of one round trip, and gigabits a second, measured by a process with an end in each pod. */
const measure = async (w: Wired): Promise<{ micros: number; gigabits: number }> => {
  const run = Bun.spawn([process.execPath, child, w.server, w.client, w.ip], { stdout: "pipe", stderr: "inherit" });
  const out = await new Response(run.stdout).text();
  if ((await run.exited) !== 0) throw new Error(`traffic: exit ${run.exitCode}`);
  return JSON.parse(out) as { micros: number; gigabits: number };
};

export const datapath: Case = {
  name: "datapath",
  run: async () => {
    const dir = mkdtempSync(`${tmpdir()}/bench-`);
    const names = [podwire, go].flatMap((s) => [`${s.name}-server`, `${s.name}-client`]);
    return withPods(
      names,
      async (path) => {
        const ours = await wire(podwire, dir, path);
        const theirs = await wire(go, dir, path);
        const gigabits = { ours: [] as number[], theirs: [] as number[] };
        const trip = (w: Wired, into: number[]) => async (): Promise<number> => {
          const m = await measure(w);
          into.push(m.gigabits);
          return m.micros;
        };
        const trips = await inTurn(RUNS, trip(ours, gigabits.ours), trip(theirs, gigabits.theirs));
        const [a, b] = [median(gigabits.ours), median(gigabits.theirs)];
        return [
          { what: "pod to pod, one round trip", ...trips, unit: "µs", bound: { most: 1.1 }, runs: RUNS },
          {
            what: "pod to pod, throughput",
            ours: a,
            peer: b,
            ratio: a / b,
            unit: "Gbit/s",
            bound: { least: 0.9 },
            runs: RUNS,
          },
        ];
      },
      [podwire, go].map(bridgeOf),
    );
  },
};
