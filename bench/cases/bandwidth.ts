/** What a limited pod gets: how near its rate it is kept, and how long others wait behind four greedy connections. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { call, env, go, podwire, type Side, withPods } from "../cni.ts";
import { type Case, median, type Row } from "../harness.ts";

const RUNS = 3;
const SECONDS = 3;
const child = new URL("../shaped.child.ts", import.meta.url).pathname;
const bridgeOf = (side: Side): string => `brw-${side.name}`;

interface Measured {
  readonly megabits: number;
  readonly median: number;
}

/** Megabits a second, and the burst: 10 ms of it. */
const rates = [10, 100, 1000] as const;
const limit = (way: "ingress" | "egress", rate: number) => ({
  [`${way}Rate`]: rate * 1e6,
  [`${way}Burst`]: rate * 1e4,
});

const bridgeConf = (side: Side, dir: string) => ({
  cniVersion: "1.0.0",
  name: `shaped-${side.name}`,
  type: "bridge",
  bridge: bridgeOf(side),
  ipam: { type: "host-local", dataDir: dir, ranges: [[{ subnet: `10.${side.name === "go" ? 9 : 10}.0.0/16` }]] },
});
const podsOf = (side: Side) => ({ free: `${side.name}-free`, kept: `${side.name}-kept` });

/** Two pods of a bridge, the second with the limit; gives the second's address. */
const wire = async (side: Side, dir: string, path: (name: string) => string, limits: object): Promise<string> => {
  const conf = bridgeConf(side, dir);
  const add = async (pod: string, config: { type: string }): Promise<{ ips: { address: string }[] }> =>
    JSON.parse((await call(side, config.type, env(side, "ADD", pod, path(pod)), config)).stdout) as never;
  const { free, kept } = podsOf(side);
  await add(free, conf);
  const prevResult = await add(kept, conf);
  await add(kept, { ...conf, type: "bandwidth", ...limits, prevResult } as { type: string });
  return prevResult.ips[0]!.address.split("/")[0]!;
};

const unwire = async (side: Side, dir: string, path: (name: string) => string): Promise<void> => {
  for (const pod of Object.values(podsOf(side)))
    for (const type of ["bandwidth", "bridge"])
      await call(side, type, env(side, "DEL", pod, path(pod)), { ...bridgeConf(side, dir), type });
};

const measure = async (receiver: string, sender: string, ip: string): Promise<Measured> => {
  const argv = [process.execPath, child, receiver, sender, ip, String(SECONDS)];
  const run = Bun.spawn(argv, { stdout: "pipe", stderr: "inherit" });
  const out = await new Response(run.stdout).text();
  if ((await run.exited) !== 0) throw new Error(`traffic: exit ${run.exitCode}`);
  return JSON.parse(out) as Measured;
};

const play = async (
  side: Side,
  way: "ingress" | "egress",
  rate: number,
  path: (name: string) => string,
): Promise<Measured> => {
  const dir = mkdtempSync(`${tmpdir()}/bench-`);
  const kept = await wire(side, dir, path, limit(way, rate));
  const free = kept.replace(/\d+$/, (n) => String(Number(n) - 1));
  const at = podsOf(side);
  const measured = await (way === "ingress"
    ? measure(path(at.kept), path(at.free), kept)
    : measure(path(at.free), path(at.kept), free));
  await unwire(side, dir, path);
  return measured;
};

export const bandwidth: Case = {
  name: "bandwidth",
  run: () =>
    withPods(
      [podwire, go].flatMap((side) => Object.values(podsOf(side))),
      async (path) => {
        const rows: Row[] = [];
        for (const way of ["ingress", "egress"] as const)
          for (const rate of rates) {
            const [ours, theirs]: [Measured[], Measured[]] = [[], []];
            for (let i = 0; i < RUNS; i++) {
              ours.push(await play(podwire, way, rate, path));
              theirs.push(await play(go, way, rate, path));
            }
            const mid = (all: Measured[], of: keyof Measured): number => median(all.map((m) => m[of]));
            const [got, gotByPeer] = [mid(ours, "megabits"), mid(theirs, "megabits")];
            const [waits, waitsByPeer] = [mid(ours, "median"), mid(theirs, "median")];
            const what = `${way} of ${rate} Mbit/s`;
            rows.push(
              {
                what: `${what}, kept at`,
                ours: got,
                peer: gotByPeer,
                ratio: got / rate,
                unit: "Mbit/s",
                bound: { least: 0.95, most: 1.05 },
                runs: RUNS,
              },
              {
                what: `${what}, a datagram's round trip`,
                ours: waits,
                peer: waitsByPeer,
                ratio: waits / waitsByPeer,
                unit: "ms",
                bound: { most: 1 },
                runs: RUNS,
              },
            );
          }
        return rows;
      },
      [podwire, go].map(bridgeOf),
    ),
};
