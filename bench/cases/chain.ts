/** A chain as Kubernetes nodes have it: bridge, portmap, firewall, bandwidth, tuning. Each plugin a process, one after the other. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { call, env, go, podwire, type Side, withPods } from "../cni.ts";
import { type Case, inTurn } from "../harness.ts";

const RUNS = 11;
const bridgeOf = (side: Side): string => `brc-${side.name}`;

interface PluginConfig {
  readonly type: string;
  readonly [key: string]: unknown;
}

const plugins = (side: Side, dataDir: string, port: number): readonly PluginConfig[] => [
  {
    type: "bridge",
    bridge: bridgeOf(side),
    isDefaultGateway: true,
    ipam: { type: "host-local", dataDir, ranges: [[{ subnet: `10.${side.name === "go" ? 7 : 8}.0.0/16` }]] },
  },
  {
    type: "portmap",
    runtimeConfig: { portMappings: [{ hostPort: port, containerPort: 80, protocol: "tcp" }] },
  },
  { type: "firewall" },
  {
    type: "bandwidth",
    ingressRate: 1_000_000_000,
    ingressBurst: 10_000_000,
    egressRate: 1_000_000_000,
    egressBurst: 10_000_000,
  },
  { type: "tuning", sysctl: { "net.core.somaxconn": "500" } },
];

/** Milliseconds of all plugins of one verb, each given the result of the one before it. */
const run = async (side: Side, command: "ADD" | "DEL", dir: string, pod: string, path: string, port: number) => {
  const chain = plugins(side, dir, port);
  let ms = 0;
  let prevResult = command === "DEL" ? results.get(pod) : undefined;
  for (const plugin of command === "DEL" ? chain.toReversed() : chain) {
    const config = { cniVersion: "1.0.0", name: `chain-${side.name}`, ...plugin, ...(prevResult && { prevResult }) };
    const answer = await call(side, plugin.type, env(side, command, pod, path), config);
    ms += answer.ms;
    if (command === "ADD") prevResult = JSON.parse(answer.stdout) as object;
  }
  if (prevResult) results.set(pod, prevResult);
  return ms;
};
/** What ADD gave for each pod: DEL gets it. */
const results = new Map<string, object>();

export const chain: Case = {
  name: "chain",
  run: async () => {
    const dir = mkdtempSync(`${tmpdir()}/bench-`);
    const name = (side: Side, i: number): string => `${side.name}-c${i}`;
    const all = Array.from({ length: RUNS + 1 }, (_, i) => [name(podwire, i), name(go, i)]).flat();
    return withPods(
      all,
      async (path) => {
        const verb = (side: Side, command: "ADD" | "DEL") => (i: number) =>
          run(side, command, dir, name(side, i), path(name(side, i)), (side.name === "go" ? 20_000 : 21_000) + i);
        const add = await inTurn(RUNS, verb(podwire, "ADD"), verb(go, "ADD"));
        const del = await inTurn(RUNS, verb(podwire, "DEL"), verb(go, "DEL"));
        const words = "bridge+portmap+firewall+bandwidth+tuning";
        return [
          { what: `ADD of ${words}`, ...add, unit: "ms", bound: { most: 0.2 }, runs: RUNS },
          { what: `DEL of ${words}`, ...del, unit: "ms", bound: { most: 0.2 }, runs: RUNS },
        ];
      },
      [podwire, go].map(bridgeOf),
    );
  },
};
