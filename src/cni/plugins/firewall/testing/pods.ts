/** Pods behind a firewall, for its tests. */
import { expect } from "bun:test";
import { type ChildProcessWithoutNullStreams, type SpawnOptions, spawn } from "node:child_process";
import { join } from "node:path";
import type { JsonObject } from "../../../../base/json-types.ts";
import type { TestNetns } from "../../../../kernel/testing/netns.ts";
import type { Stage } from "../../../testing/stage.ts";
import { ask } from "../../../testing/talk.ts";
import { bridgeConf, dual } from "../../bridge/testing/conf.ts";

export const base = { cniVersion: "1.1.0", name: "net1", type: "firewall" };
export const ruleset = (ns: TestNetns): string => ns.sh("nft list ruleset");
/** The table of podwire alone. */
export const own = (ns: TestNetns): string => ns.sh("nft list table inet podwire_firewall 2>/dev/null || true");

export interface Attached {
  readonly pod: TestNetns;
  readonly prevResult: JsonObject;
  readonly containerId: string;
}

/** A pod on a bridge; each bridge with subnets of its own. */
export const attach = async (s: Stage, containerId = "pod1", bridge = 0): Promise<Attached> => {
  const pod = s.pod();
  const ranges = bridge === 0 ? dual : [`10.${bridge}.0.0/24`, `fd00:${bridge}::/64`];
  const conf = bridgeConf(s, { isDefaultGateway: true, bridge: `br${bridge}`, name: `net${bridge}` }, ranges);
  const { exit, json } = await s.call("ADD", conf, { pod, containerId });
  expect(exit).toBe(0);
  return { pod, prevResult: json, containerId };
};

export const wall = (s: Stage, a: Attached, conf: JsonObject = base, verb = "ADD") =>
  s.call(verb, { ...conf, prevResult: a.prevResult }, { pod: a.pod, containerId: a.containerId });

/** Whether a pod or machine that serves port 80 is reached. What should not be has little time to prove it. */
export const reaches = (from: TestNetns, to: string, should: boolean): boolean =>
  ask(from, "tcp", to, 80, { wait: should ? 5000 : 700 }).startsWith("web");

/** The pod's addresses, without their prefixes. */
export const addressesOf = (a: Attached): string[] =>
  (a.prevResult.ips as { address: string }[]).map((ip) => ip.address.replace(/\/.*/, ""));

/** The world beyond the host, on a link of its own. */
export const neighbour = (s: Stage): TestNetns => {
  const other = s.pod();
  s.host.sh(`ip link add up0 type veth peer name eth0 netns ${other.name}
    ip addr add 192.0.2.1/24 dev up0; ip addr add 2001:db8::1/64 dev up0 nodad; ip link set up0 up; ip link set lo up`);
  other.sh(`ip addr add 192.0.2.2/24 dev eth0; ip addr add 2001:db8::2/64 dev eth0 nodad; ip link set eth0 up
    ip route add default via 192.0.2.1; ip -6 route add default via 2001:db8::1`);
  return other;
};

const spawnIn = (ns: TestNetns, argv: readonly string[], options: SpawnOptions) => {
  const [program, ...words] = ["nsenter", `--net=${ns.path}`, ...argv] as const;
  return spawn(program, words, options) as ChildProcessWithoutNullStreams;
};

/** The executable, in the host's namespace: what it printed, and its exit code. */
export const started = (host: TestNetns, verb: string, conf: JsonObject, containerId: string, pod: TestNetns) =>
  new Promise<{ code: number | null; out: string }>((resolve, reject) => {
    const plugin = join(import.meta.dirname, "../../../../../dist/cni/firewall");
    const env = {
      CNI_COMMAND: verb,
      CNI_CONTAINERID: containerId,
      CNI_NETNS: pod.path,
      CNI_IFNAME: "eth0",
      CNI_PATH: "/",
    };
    const child = spawnIn(host, [plugin], { env: { ...process.env, ...env } });
    let out = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (data) => {
        out += String(data);
      });
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, out }));
    child.stdin.end(JSON.stringify(conf));
  });

/** A table `inet locked` that drops what is forwarded, and that nobody but its maker may change until disposed of. */
export const ownTable = (host: TestNetns): Promise<AsyncDisposable> =>
  new Promise((resolve, reject) => {
    const child = spawnIn(host, ["nft", "-i"], { stdio: ["pipe", "pipe", "inherit"] });
    const ended = new Promise<void>((done) => void child.once("close", () => done()));
    child.once("error", reject);
    const chain = "{ type filter hook forward priority 0; policy drop; }";
    child.stdin.write(`table inet locked { flags owner; chain forward ${chain}; }\nlist tables\n`);
    child.stdout.on("data", (data) => {
      if (!/table inet locked\n/.test(String(data))) return;
      resolve({
        async [Symbol.asyncDispose]() {
          child.stdin.end();
          await ended;
        },
      });
    });
  });
