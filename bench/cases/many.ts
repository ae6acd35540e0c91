/** 110 ADDs, 10 at a time, then 110 DELs: pods a second. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { call, env, go, podwire, type Side, withPods } from "../cni.ts";
import { type Case, inTurn, median, type Row, timed } from "../harness.ts";

const PODS = 110;
const AT_ONCE = 10;
const RUNS = 3;

const bridgeOf = (side: Side): string => `brm-${side.name}`;

const config = (side: Side, dataDir: string): object => ({
  cniVersion: "1.0.0",
  name: `many-${side.name}`,
  type: "bridge",
  bridge: bridgeOf(side),
  isGateway: true,
  ipam: { type: "host-local", dataDir, ranges: [[{ subnet: `10.${side.name === "go" ? 3 : 4}.0.0/16` }]] },
});

const pool = async (n: number, act: (i: number) => Promise<unknown>): Promise<void> => {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let i = next++; i < n; i = next++) await act(i);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
};

/** Seconds of all ADDs and of all DELs, in milliseconds. */
const round = async (side: Side, dir: string): Promise<{ add: number; del: number }> => {
  const names = Array.from({ length: PODS }, (_, i) => `${side.name}-m${i}`);
  return withPods(
    names,
    async (path) => {
      const all = (verb: string): Promise<number> =>
        timed(() =>
          pool(PODS, (i) => call(side, "bridge", env(side, verb, names[i]!, path(names[i]!)), config(side, dir))),
        );
      return { add: await all("ADD"), del: await all("DEL") };
    },
    [bridgeOf(side)],
  );
};

export const many: Case = {
  name: "many",
  run: async (): Promise<Row[]> => {
    const dir = mkdtempSync(`${tmpdir()}/bench-`);
    const dels: Record<Side["name"], number[]> = { podwire: [], go: [] };
    const one = (side: Side) => async (): Promise<number> => {
      const { add, del } = await round(side, dir);
      dels[side.name].push(del);
      return add;
    };
    const adds = await inTurn(RUNS, one(podwire), one(go));
    const rate = (ms: number): number => (1000 * PODS) / ms;
    const row = (what: string, ours: number, peer: number): Row => ({
      what,
      ours: rate(ours),
      peer: rate(peer),
      ratio: peer / ours,
      unit: "pods/s",
      bound: { least: 1.2 },
      runs: RUNS,
    });
    return [
      row(`${PODS} ADDs, ${AT_ONCE} at a time`, adds.ours, adds.peer),
      row(`${PODS} DELs, ${AT_ONCE} at a time`, median(dels.podwire.slice(1)), median(dels.go.slice(1))),
    ];
  },
};
