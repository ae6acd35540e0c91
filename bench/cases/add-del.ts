/** One ADD and one DEL, whole process: bridge + host-local with a gateway, IPv4 and dual stack; start-up; peak memory. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { call, env, go, podwire, type Side, withPods } from "../cni.ts";
import { type Case, inTurn, median, type Row } from "../harness.ts";

const RUNS = 21;

const bridgeOf = (side: Side, dual: boolean): string => `br-${side.name}${dual ? "6" : ""}`;

/** Each side has a bridge, a store and subnets of its own, otherwise the same. */
const config = (side: Side, dataDir: string, dual: boolean): object => {
  const n = side.name === "go" ? 1 : 2;
  const ranges = [[{ subnet: `10.${n}.0.0/16` }], ...(dual ? [[{ subnet: `fd00:${n}::/64` }]] : [])];
  return {
    cniVersion: "1.0.0",
    name: `bench-${side.name}`,
    type: "bridge",
    bridge: bridgeOf(side, dual),
    isGateway: true,
    isDefaultGateway: true,
    ipam: { type: "host-local", dataDir, ranges },
  };
};

const pair = async (dual: boolean): Promise<Row[]> => {
  const dir = mkdtempSync(`${tmpdir()}/bench-`);
  const name = (side: Side, i: number): string => `${side.name}-${i}`;
  const all = Array.from({ length: RUNS + 1 }, (_, i) => [name(podwire, i), name(go, i)]).flat();
  return withPods(
    all,
    async (path) => {
      const peaks: number[] = [];
      const verb =
        (side: Side, command: string) =>
        async (i: number): Promise<number> => {
          const pod = name(side, i);
          const a = await call(side, "bridge", env(side, command, pod, path(pod)), config(side, dir, dual));
          if (side === podwire && command === "ADD") peaks.push(a.peak);
          return a.ms;
        };
      const add = await inTurn(RUNS, verb(podwire, "ADD"), verb(go, "ADD"));
      const del = await inTurn(RUNS, verb(podwire, "DEL"), verb(go, "DEL"));
      const words = dual ? "dual stack" : "IPv4";
      return [
        { what: `one ADD, ${words}`, ...add, unit: "ms", bound: { most: dual ? 0.8 : 1 }, runs: RUNS },
        { what: `one DEL, ${words}`, ...del, unit: "ms", bound: { most: 1 }, runs: RUNS },
        ...(dual
          ? []
          : [
              {
                what: "peak memory of one ADD",
                ours: median(peaks),
                unit: "MiB",
                bound: { most: 45 },
                runs: RUNS,
              } as const,
            ]),
      ];
    },
    [podwire, go].map((side) => bridgeOf(side, dual)),
  );
};

const startUp = async (): Promise<Row> => {
  const version = (side: Side) => async (): Promise<number> =>
    (await call(side, "bridge", { CNI_COMMAND: "VERSION", CNI_PATH: side.binDir }, { cniVersion: "1.0.0" })).ms;
  const figures = await inTurn(41, version(podwire), version(go));
  return { what: "start-up (VERSION)", ...figures, unit: "ms", bound: { most: 3 }, runs: 41 };
};

export const addDel: Case = {
  name: "add-del",
  run: async () => [...(await pair(false)), ...(await pair(true)), await startUp()],
};
