/** 110 ADDs, 10 at a time, then 110 DELs: pods a second. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { call, env, go, podwire, type Side, withPods } from "../cni.ts";
import { type Case, inTurn, median, type Row, timed } from "../harness.ts";

const PODS = 110;
const AT_ONCE = 10;
const RUNS = 3;

const bridgeOf = (side: Side, masquerade: boolean): string => `brm${masquerade ? "m" : ""}-${side.name}`;

const config = (side: Side, dataDir: string, masquerade: boolean): object => ({
  cniVersion: "1.0.0",
  name: `many-${side.name}`,
  type: "bridge",
  bridge: bridgeOf(side, masquerade),
  ...(masquerade && { ipMasq: true }),
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
const round = async (side: Side, dir: string, masquerade: boolean): Promise<{ add: number; del: number }> => {
  const names = Array.from({ length: PODS }, (_, i) => `${side.name}-m${i}`);
  return withPods(
    names,
    async (path) => {
      const all = (verb: string): Promise<number> =>
        timed(() =>
          pool(PODS, (i) =>
            call(side, "bridge", env(side, verb, names[i]!, path(names[i]!)), config(side, dir, masquerade)),
          ),
        );
      return { add: await all("ADD"), del: await all("DEL") };
    },
    [bridgeOf(side, masquerade)],
  );
};

const inKind = async (masquerade: boolean): Promise<Row[]> => {
  const dir = mkdtempSync(`${tmpdir()}/bench-`);
  const dels: Record<Side["name"], number[]> = { podwire: [], go: [] };
  const one = (side: Side) => async (): Promise<number> => {
    const { add, del } = await round(side, dir, masquerade);
    dels[side.name].push(del);
    return add;
  };
  const adds = await inTurn(RUNS, one(podwire), one(go));
  const rate = (ms: number): number => (1000 * PODS) / ms;
  const row = (verb: string, ours: number, peer: number, least: number): Row => ({
    what: `${PODS} ${verb}${masquerade ? " with ipMasq" : ""}, ${AT_ONCE} at a time`,
    ours: rate(ours),
    peer: rate(peer),
    ratio: peer / ours,
    unit: "pods/s",
    bound: { least },
    runs: RUNS,
  });
  const del = (side: Side): number => median(dels[side.name].slice(1));
  return [
    row("ADDs", adds.ours, adds.peer, masquerade ? 3 : 1.2),
    ...(masquerade ? [] : [row("DELs", del(podwire), del(go), 1.2)]),
  ];
};

export const many: Case = { name: "many", run: async () => [...(await inKind(false)), ...(await inKind(true))] };
