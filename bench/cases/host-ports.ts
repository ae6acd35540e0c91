/** portmap: an ADD among 10,000 mappings against one on an empty table; what traffic through a mapping gets, beside the reference. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { parseCidr } from "../../src/base/cidr.ts";
import { applyEach } from "../../src/net/apply.ts";
import { openKernel } from "../../src/net/kernel.ts";
import { call, env, go, podwire, type Side, withPods } from "../cni.ts";
import { type Case, inTurn, median, type Row } from "../harness.ts";

const HELD = 10_000;
const RUNS = 15;
const child = new URL("../traffic.child.ts", import.meta.url).pathname;

const bridgeOf = (side: Side): string => `brh-${side.name}`;
const subnetOf = (side: Side): string => `10.${side.name === "go" ? 9 : 10}.0`;

/** The reference's plugin wants a result to stand on. */
const resultOf = (path: string, ip: string): object => ({
  cniVersion: "1.0.0",
  interfaces: [{ name: "eth0", sandbox: path }],
  ips: [{ address: `${ip}/16`, interface: 0 }],
  routes: [],
  dns: {},
});

const config = (name: string, mappings: readonly object[], prevResult: object): object => ({
  cniVersion: "1.0.0",
  name,
  type: "portmap",
  runtimeConfig: { portMappings: mappings },
  prevResult,
});

const mapping = (hostPort: number, containerPort = 80): object => ({ hostPort, containerPort, protocol: "tcp" });

const amongMany = (): Promise<Row[]> =>
  withPods(["hp-full", "hp-pod"], async (path) => {
    const act = (verb: string, id: string, mappings: readonly object[], ip: string) =>
      call(
        podwire,
        "portmap",
        env(podwire, verb, id, path("hp-pod")),
        config("ports", mappings, resultOf(path("hp-pod"), ip)),
      );
    const one = async (i: number): Promise<number> => {
      const { ms } = await act("ADD", `p${i}`, [mapping(30_000)], "10.11.0.3");
      await act("DEL", `p${i}`, [mapping(30_000)], "10.11.0.3");
      return ms;
    };
    const full = Array.from({ length: HELD }, (_, i) => mapping(1000 + i));
    const loaded: number[] = [];
    const empty: number[] = [];
    for (let i = 0; i <= RUNS; i++) {
      const lone = await one(i);
      await act("ADD", "full", full, "10.11.0.2");
      const crowded = await one(i);
      await act("DEL", "full", full, "10.11.0.2");
      if (i === 0) continue;
      empty.push(lone);
      loaded.push(crowded);
    }
    const ratio = median(loaded.map((x, i) => x / empty[i]!));
    const [ours, peer] = [median(loaded), median(empty)];
    const what = `portmap ADD at ${HELD} mappings`;
    return [{ what, ours, peer, peerName: "itself, empty", ratio, unit: "ms", bound: { most: 2 }, runs: RUNS }];
  });

interface Mapped {
  readonly server: string;
  readonly ip: string;
  readonly port: number;
}

const map = async (side: Side, dir: string, path: (name: string) => string): Promise<Mapped> => {
  const pod = `hp-${side.name}`;
  const ipam = { type: "host-local", dataDir: dir, ranges: [[{ subnet: `${subnetOf(side)}.0/16` }]] };
  const bridge = {
    cniVersion: "1.0.0",
    name: `hp-${side.name}`,
    type: "bridge",
    bridge: bridgeOf(side),
    isDefaultGateway: true,
    ipam,
  };
  const { stdout } = await call(side, "bridge", env(side, "ADD", pod, path(pod)), bridge);
  const result = JSON.parse(stdout) as { ips: { address: string }[] };
  const port = side.name === "go" ? 31_000 : 31_001;
  await call(
    side,
    "portmap",
    env(side, "ADD", pod, path(pod)),
    config(`hp-${side.name}`, [mapping(port, 5001)], result),
  );
  return { server: path(pod), ip: result.ips[0]!.address.split("/")[0]!, port };
};

const CLIENT = "hp-client";
const HOST_IP = "192.0.2.1";

/** A client on a wire of its own to this host. */
const wireClient = (path: string): void => {
  using kernel = openKernel();
  const address = (link: string, text: string, ns: string) =>
    ({ do: "address.add", in: ns, address: { link, address: parseCidr(text) } }) as const;
  const { failed } = applyEach(kernel, [
    {
      do: "link.add",
      in: "",
      link: { name: "hp0", up: true, info: { kind: "veth" }, peer: { name: "eth0", netns: path } },
    },
    { do: "link.set", in: path, name: "eth0", set: { up: true } },
    address("hp0", `${HOST_IP}/24`, ""),
    address("eth0", "192.0.2.2/24", path),
  ]);
  if (failed.length > 0) throw failed[0]!.error;
};

const measure = async (client: string, m: Mapped): Promise<{ micros: number; connections: number }> => {
  const argv = [process.execPath, child, m.server, client, m.ip, HOST_IP, String(m.port)];
  const run = Bun.spawn(argv, { stdout: "pipe", stderr: "inherit" });
  const out = await new Response(run.stdout).text();
  if ((await run.exited) !== 0) throw new Error(`traffic: exit ${run.exitCode}`);
  return JSON.parse(out) as { micros: number; connections: number };
};

const throughMapping = (): Promise<Row[]> =>
  withPods(
    [CLIENT, ...[podwire, go].map((s) => `hp-${s.name}`)],
    async (path) => {
      wireClient(path(CLIENT));
      const dir = mkdtempSync(`${tmpdir()}/bench-`);
      const [ours, theirs] = [await map(podwire, dir, path), await map(go, dir, path)];
      const rates = { ours: [] as number[], theirs: [] as number[] };
      const trip = (m: Mapped, into: number[]) => async (): Promise<number> => {
        const seen = await measure(path(CLIENT), m);
        into.push(seen.connections);
        return seen.micros;
      };
      const trips = await inTurn(RUNS, trip(ours, rates.ours), trip(theirs, rates.theirs));
      const [a, b] = [median(rates.ours), median(rates.theirs)];
      return [
        { what: "host port, one round trip", ...trips, unit: "µs", bound: { most: 1.1 }, runs: RUNS },
        {
          what: "host port, connections",
          ours: a,
          peer: b,
          ratio: a / b,
          unit: "1/s",
          bound: { least: 0.9 },
          runs: RUNS,
        },
      ];
    },
    [podwire, go].map(bridgeOf),
  );

export const hostPorts: Case = {
  name: "host-ports",
  run: async () => [...(await amongMany()), ...(await throughMapping())],
};
