// The built executables, killed in the middle: what a crashed ADD left is gone after DEL, or after GC.
import { expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { JsonObject } from "../src/base/json-types.ts";
import { makeNetns, type TestNetns } from "../src/kernel/testing/netns.ts";

const plugins = join(import.meta.dirname, "../dist/cni");
const kills = 500;
const atOnce = 6;
/** ADDs that are to be killed, between two GCs. */
const perRound = 60;

interface Pod {
  readonly ns: TestNetns;
  readonly id: string;
}
interface Ended {
  /** -1: killed. */
  readonly exit: number;
  readonly text: string;
  readonly ms: number;
}
type Ask = (verb: string, pod: Pod | undefined, more?: JsonObject, killAfter?: number) => Promise<Ended>;

/** Calls our `bridge` in the host's namespace, killed after so many milliseconds when it has not ended by then. */
const openAsk =
  (host: TestNetns, conf: JsonObject): Ask =>
  async (verb, pod, more = {}, killAfter) => {
    const start = performance.now();
    const child = Bun.spawn(["nsenter", `--net=${host.path}`, join(plugins, "bridge")], {
      stdin: Buffer.from(JSON.stringify({ ...conf, ...more })),
      stdout: "pipe",
      stderr: "pipe",
      env: {
        CNI_COMMAND: verb,
        CNI_PATH: plugins,
        ...(pod && { CNI_CONTAINERID: pod.id, CNI_NETNS: pod.ns.path, CNI_IFNAME: "eth0" }),
      },
    });
    const timer = killAfter === undefined ? undefined : setTimeout(() => child.kill("SIGKILL"), killAfter);
    const [text, words] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
    await child.exited;
    clearTimeout(timer);
    return { exit: child.signalCode ? -1 : (child.exitCode ?? -1), text: text + words, ms: performance.now() - start };
  };

/** Does all of `work`, so many at once. */
const several = async <T>(work: readonly T[], act: (item: T) => Promise<void>): Promise<void> => {
  const rest = [...work];
  const worker = async (): Promise<void> => {
    while (rest.length > 0) await act(rest.shift() as T);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
};

const addressesOf = (added: Ended): string[] =>
  (JSON.parse(added.text) as { ips: { address: string }[] }).ips.map((ip) => ip.address);

const files = (dir: string): string[] =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((e) => e.isFile())
    .map((e) => join(e.parentPath, e.name));

const reservations = (dir: string): string[] => files(dir).filter((file) => /^10\.|^fd/.test(basename(file)));
/** The container that holds an address; empty for a file without content. */
const ownerOf = (file: string): string => readFileSync(file, "utf8").split("\r\n")[0] ?? "";
/** What host-local keeps without any reservation. */
const kept = ["last_reserved_ip.0", "last_reserved_ip.1", "lock", "net.index"];

const linksOf = (ns: TestNetns): string[] => ns.ipJson<{ ifname: string }>("link").map((l) => l.ifname);
const vethsOf = (ns: TestNetns): string[] => linksOf(ns).filter((name) => name.startsWith("veth"));

/** A server in the first pod, and a line of it read from each of the others. */
const expectTraffic = async (pods: readonly Pod[], address: string): Promise<void> => {
  const serve = `const s = Bun.listen({ hostname: "${address}", port: 7777, socket: { open: (c) => void c.end("hello\\n"), data() {} } }); console.log(s.port)`;
  const inside = (pod: Pod | undefined): string[] => ["nsenter", `--net=${pod?.ns.path}`];
  const server = Bun.spawn([...inside(pods[0]), process.execPath, "-e", serve], { stdout: "pipe" });
  try {
    await server.stdout.getReader().read();
    for (const pod of pods.slice(1)) {
      const client = Bun.spawn([...inside(pod), "bash", "-c", `cat < /dev/tcp/${address}/7777`], { stdout: "pipe" });
      expect(await new Response(client.stdout).text()).toBe("hello\n");
    }
  } finally {
    server.kill();
    await server.exited;
  }
};

test("500 ADDs killed at any moment leave nothing after DEL or GC, and disturb no pod that lives", async () => {
  using host = makeNetns();
  using stack = new DisposableStack();
  const dataDir = mkdtempSync(join(tmpdir(), "podwire-crash-"));
  stack.defer(() => rmSync(dataDir, { recursive: true }));
  const ranges = [[{ subnet: "10.1.0.0/24" }], [{ subnet: "fd00:1::/64" }]];
  const conf = { cniVersion: "1.1.0", name: "net", type: "bridge", bridge: "br0", isGateway: true };
  const ask = openAsk(host, { ...conf, ipam: { type: "host-local", dataDir, ranges } });
  const must = async (...call: Parameters<Ask>): Promise<Ended> => {
    const ended = await ask(...call);
    expect(ended).toMatchObject({ exit: 0 });
    return ended;
  };
  const spaces = Array.from({ length: perRound }, () => stack.use(makeNetns()));
  const living = new Map<Pod, { addresses: string[]; result: JsonObject }>();
  const pod = (ns: TestNetns, id: string): Pod => ({ ns, id });

  // How long an ADD takes here and now, with as many at once.
  let longest = 0;
  await several(spaces.slice(0, 4 * atOnce), async (ns) => {
    const first = pod(ns, `first-${ns.name}`);
    longest = Math.max(longest, (await must("ADD", first)).ms);
    await must("DEL", first);
  });

  const live = async (round: number): Promise<void> => {
    const one = pod(stack.use(makeNetns()), `live-${round}`);
    const added = await must("ADD", one);
    living.set(one, { addresses: addressesOf(added), result: JSON.parse(added.text) as JsonObject });
  };
  let killed = 0;
  const left = { veths: 0, reservations: 0 };
  for (let round = 0; killed < kills; round++) {
    const finished = new Map<string, string[]>();
    const ways = spaces.map((ns, i) => ({ doomed: pod(ns, `pod-${round}-${i}`), way: i % 3 }));
    // One in the middle of the others stays.
    await several([...ways.slice(0, perRound / 2), undefined, ...ways.slice(perRound / 2)], async (work) => {
      if (work === undefined) return live(round);
      const ended = await ask("ADD", work.doomed, {}, Math.random() * longest);
      if (ended.exit === -1) killed++;
      else {
        expect(ended).toMatchObject({ exit: 0 });
        finished.set(work.doomed.id, addressesOf(ended));
      }
      // A third is removed at once, beside the others' ADDs, by a DEL that is killed as well and sent again.
      if (work.way === 0) await ask("DEL", work.doomed, {}, Math.random() * longest);
      if (work.way !== 2) await must("DEL", work.doomed);
      else if (ended.exit === -1 && linksOf(work.doomed.ns).includes("eth0")) left.veths++;
    });
    const inUse = [...living.values()].flatMap((l) => l.addresses);
    const owns = new Set([...finished.keys(), ...[...living.keys()].map((one) => one.id)]);
    left.reservations += reservations(dataDir).filter((file) => !owns.has(ownerOf(file))).length;
    for (const address of [...finished.values()].flat()) expect(inUse).not.toContain(address);
    expect(new Set(inUse).size).toBe(inUse.length);

    await must("GC", undefined, {
      "cni.dev/valid-attachments": [...living.keys()].map((l) => ({ containerID: l.id, ifname: "eth0" })),
    });
    expect(vethsOf(host)).toHaveLength(living.size);
    expect(spaces.flatMap(linksOf).filter((name) => name !== "lo")).toEqual([]);
    const names = files(dataDir).map((file) => basename(file));
    const reserved = inUse.map((address) => address.split("/")[0] ?? "");
    expect(names.toSorted()).toEqual([...kept, ...reserved].toSorted());
    const owners = new Set(reservations(dataDir).map(ownerOf));
    expect([...owners].toSorted()).toEqual([...living.keys()].map((one) => one.id).toSorted());
  }
  // The kills met ADDs that had done half of it.
  expect(left.veths).toBeGreaterThan(0);
  expect(left.reservations).toBeGreaterThan(0);

  for (const [one, { result, addresses }] of living) {
    await must("CHECK", one, { prevResult: result });
    const [eth0] = one.ns.ipJson<{ addr_info: { local: string; prefixlen: number; scope: string }[] }>(
      "addr show eth0",
    );
    const has = eth0?.addr_info.filter((a) => a.scope === "global").map((a) => `${a.local}/${a.prefixlen}`);
    expect(has?.toSorted()).toEqual(addresses.toSorted());
  }
  const [pods, [first]] = [[...living.keys()], [...living.values()]];
  await expectTraffic(pods, first?.addresses[0]?.split("/")[0] ?? "");
}, 300_000);
