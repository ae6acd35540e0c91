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
  readonly client: string;
  readonly ip: string;
}

const HOST_IP = "192.0.2.1";
const HOST_PORT = 31_000;
const nodeOf = (side: Side): string => `hp-${side.name}-node`;
const podOf = (side: Side): string => `hp-${side.name}-pod`;
const clientOf = (side: Side): string => `hp-${side.name}-client`;

/** A client on a wire of its own to the side's node. */
const wireClient = (node: string, client: string): void => {
  using kernel = openKernel();
  const address = (link: string, text: string, ns: string) =>
    ({ do: "address.add", in: ns, address: { link, address: parseCidr(text) } }) as const;
  const { failed } = applyEach(kernel, [
    {
      do: "link.add",
      in: node,
      link: { name: "hp0", up: true, info: { kind: "veth" }, peer: { name: "eth0", netns: client } },
    },
    { do: "link.set", in: client, name: "eth0", set: { up: true } },
    address("hp0", `${HOST_IP}/24`, node),
    address("eth0", "192.0.2.2/24", client),
    // The client's ports, of which each is kept for a minute after its connection, would be used up in the eighth run: a
    // free one is then looked for among thousands, which costs thirty times what a connection does.
    { do: "sysctl.set", in: client, name: "net/ipv4/tcp_tw_reuse", value: "1" },
  ]);
  if (failed.length > 0) throw failed[0]!.error;
};

/** On a node of its own: every connection passes all rules of its host, those of the other side, too. */
const map = async (side: Side, dir: string, path: (name: string) => string): Promise<Mapped> => {
  const [node, client, pod] = [nodeOf(side), clientOf(side), podOf(side)].map(path) as [string, string, string];
  wireClient(node, client);
  const ipam = { type: "host-local", dataDir: dir, ranges: [[{ subnet: "10.10.0.0/16" }]] };
  const name = `hp-${side.name}`;
  const bridge = { cniVersion: "1.0.0", name, type: "bridge", bridge: "br0", isDefaultGateway: true, ipam };
  const { stdout } = await call(side, "bridge", env(side, "ADD", name, pod), bridge, node);
  const result = JSON.parse(stdout) as { ips: { address: string }[] };
  await call(side, "portmap", env(side, "ADD", name, pod), config(name, [mapping(HOST_PORT, 5001)], result), node);
  return { server: pod, client, ip: result.ips[0]!.address.split("/")[0]! };
};

const measure = async (m: Mapped): Promise<{ micros: number; connections: number }> => {
  const argv = [process.execPath, child, m.server, m.client, m.ip, HOST_IP, String(HOST_PORT)];
  const run = Bun.spawn(argv, { stdout: "pipe", stderr: "inherit" });
  const out = await new Response(run.stdout).text();
  if ((await run.exited) !== 0) throw new Error(`traffic: exit ${run.exitCode}`);
  return JSON.parse(out) as { micros: number; connections: number };
};

const throughMapping = (): Promise<Row[]> =>
  withPods(
    [podwire, go].flatMap((s) => [nodeOf(s), clientOf(s), podOf(s)]),
    async (path) => {
      const dir = mkdtempSync(`${tmpdir()}/bench-`);
      const [ours, theirs] = [await map(podwire, dir, path), await map(go, dir, path)];
      const rates = { ours: [] as number[], theirs: [] as number[] };
      const trip = (m: Mapped, into: number[]) => async (): Promise<number> => {
        const seen = await measure(m);
        into.push(seen.connections);
        return seen.micros;
      };
      const trips = await inTurn(RUNS, trip(ours, rates.ours), trip(theirs, rates.theirs));
      const pairs = rates.ours.map((x, i) => x / rates.theirs[i]!).slice(1);
      const [a, b] = [median(rates.ours.slice(1)), median(rates.theirs.slice(1))];
      const what = "host port, connections";
      return [
        { what: "host port, one round trip", ...trips, unit: "µs", bound: { most: 1.1 }, runs: RUNS },
        { what, ours: a, peer: b, ratio: median(pairs), unit: "1/s", bound: { least: 0.9 }, runs: RUNS },
      ];
    },
  );

export const hostPorts: Case = {
  name: "host-ports",
  run: async () => [...(await amongMany()), ...(await throughMapping())],
};
