/** One ADD and one DEL, whole process: bridge + host-local with a gateway, in three kinds; start-up; peak memory. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { call, env, go, podwire, type Side, withPods } from "../cni.ts";
import { type Case, inTurn, median, type Row } from "../harness.ts";

const RUNS = 21;

interface Kind {
  readonly words: string;
  readonly short: string;
  readonly dual?: true;
  readonly masquerade?: true;
  /** Promised ratios of ADD and DEL. */
  readonly most: { readonly add: number; readonly del: number };
}
const kinds: readonly Kind[] = [
  { words: "IPv4", short: "4", most: { add: 1, del: 1 } },
  { words: "dual stack", short: "6", dual: true, most: { add: 0.8, del: 1 } },
  { words: "IPv4 with ipMasq", short: "m", masquerade: true, most: { add: 0.5, del: 0.4 } },
];

const bridgeOf = (side: Side, kind: Kind): string => `br-${side.name}${kind.short}`;

/** Each side has a bridge, a store and subnets of its own, otherwise the same. */
const config = (side: Side, dataDir: string, kind: Kind): object => {
  const n = side.name === "go" ? 1 : 2;
  const ranges = [[{ subnet: `10.${n}.0.0/16` }], ...(kind.dual ? [[{ subnet: `fd00:${n}::/64` }]] : [])];
  return {
    cniVersion: "1.0.0",
    name: `bench-${side.name}`,
    type: "bridge",
    bridge: bridgeOf(side, kind),
    ...(kind.masquerade && { ipMasq: true }),
    isGateway: true,
    isDefaultGateway: true,
    ipam: { type: "host-local", dataDir, ranges },
  };
};

const pair = async (kind: Kind): Promise<Row[]> => {
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
          const a = await call(side, "bridge", env(side, command, pod, path(pod)), config(side, dir, kind));
          if (side === podwire && command === "ADD") peaks.push(a.peak);
          return a.ms;
        };
      const add = await inTurn(RUNS, verb(podwire, "ADD"), verb(go, "ADD"));
      const del = await inTurn(RUNS, verb(podwire, "DEL"), verb(go, "DEL"));
      const { words, most } = kind;
      return [
        { what: `one ADD, ${words}`, ...add, unit: "ms", bound: { most: most.add }, runs: RUNS },
        { what: `one DEL, ${words}`, ...del, unit: "ms", bound: { most: most.del }, runs: RUNS },
        ...(kind !== kinds[0]
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
    [podwire, go].map((side) => bridgeOf(side, kind)),
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
  run: async () => {
    const rows: Row[] = [];
    for (const kind of kinds) rows.push(...(await pair(kind)));
    return [...rows, await startUp()];
  },
};
