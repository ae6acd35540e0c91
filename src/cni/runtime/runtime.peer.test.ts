/** The runtime over the reference plugins of Debian (containernetworking-plugins), each node a throwaway namespace. */
import { expect, test } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cidrText } from "../../base/cidr.ts";
import { makeNetns } from "../../kernel/testing/netns.ts";
import { run } from "../../kernel/testing/run.ts";
import { openKernel } from "../../net/kernel.ts";
import { openRuntime } from "./runtime.ts";

const page = (dataDir: string) => `{
  "cniVersion": "0.4.0",
  "name": "example-network",
  "type": "bridge",
  "bridge": "cni0",
  "ipam": {
    "type": "host-local",
    "subnet": "10.244.0.0/16",
    "dataDir": "${dataDir}"
  }
}`;

const setUp = (file: string, config: (dataDir: string) => string) => {
  const root = mkdtempSync(join(tmpdir(), "podwire-peer-"));
  const ipam = join(root, "ipam");
  writeFileSync(join(root, file), config(ipam));
  const node = makeNetns();
  const kernel = openKernel();
  const logged: string[] = [];
  const runtime = openRuntime({
    confDir: root,
    path: ["/usr/lib/cni"],
    cacheDir: join(root, "cache"),
    enter: (act) => kernel.open(node.path).enter(act),
    log: (line) => logged.push(line),
  });
  return {
    runtime,
    node,
    logged,
    reserved: (network: string) =>
      existsSync(join(ipam, network)) ? readdirSync(join(ipam, network)).filter((name) => /^[\d.]+$/.test(name)) : [],
    [Symbol.dispose]: () => {
      kernel[Symbol.dispose]();
      node[Symbol.dispose]();
      rmSync(root, { recursive: true });
    },
  };
};

test("a bridge config of one plugin gives two pods addresses by which they reach each other", async () => {
  using t = setUp("10-example.conf", page);
  using kernel = openKernel();
  using a = makeNetns();
  using b = makeNetns();
  const list = t.runtime.network("example-network");
  const attach = (containerId: string, netns: string) => ({ containerId, ifname: "eth0", netns });
  const first = await t.runtime.add(list, attach("one", a.path));
  // Before the second pod: the bridge of this release then changes its MAC, which CHECK takes for damage.
  await t.runtime.check(list, attach("one", a.path));
  await t.runtime.add(list, attach("two", b.path));
  expect(first.ips.map((ip) => cidrText(ip.address))).toEqual(["10.244.0.2/16"]);
  expect(a.ipJson<{ ifname: string }>("addr show dev eth0")[0]?.ifname).toBe("eth0");
  // The kernel answers for a socket that listens, so nobody has to accept.
  const server = kernel
    .open(a.path)
    .enter(() => Bun.listen({ hostname: "10.244.0.2", port: 0, socket: { data() {} } }));
  run(["nsenter", `--net=${b.path}`, "bash", "-c", `: < /dev/tcp/10.244.0.2/${server.port}`]);
  server.stop(true);
  await t.runtime.del(list, attach("one", a.path));
  await t.runtime.gc(list, []);
  expect(t.reserved("example-network")).toEqual([]);
  expect(t.runtime.cached()).toEqual([]);
});

test("a chain that fails in its last plugin leaves no link and no address behind", async () => {
  using t = setUp("10-chain.conflist", (dataDir) =>
    JSON.stringify({
      cniVersion: "1.0.0",
      name: "chain",
      plugins: [
        { type: "bridge", bridge: "cni0", ipam: { type: "host-local", subnet: "10.244.7.0/24", dataDir } },
        { type: "tuning", sysctl: { "net.ipv4.conf.eth0.no_such_key": "1" } },
      ],
    }),
  );
  using pod = makeNetns();
  const attach = { containerId: "one", ifname: "eth0", netns: pod.path };
  await expect(t.runtime.add(t.runtime.network("chain"), attach)).rejects.toThrow("plugin tuning: ");
  expect(pod.ipJson<{ ifname: string }>("link").map((l) => l.ifname)).toEqual(["lo"]);
  expect(t.reserved("chain")).toEqual([]);
  expect(t.runtime.cached()).toEqual([]);
});

test("a plugin's refusal keeps its code, and every plugin says which versions it speaks", async () => {
  using t = setUp("10-example.conf", (dataDir) => page(dataDir).replace("10.244.0.0/16", "10.244.0.0/99"));
  using pod = makeNetns();
  const list = t.runtime.network("example-network");
  const error = await t.runtime.add(list, { containerId: "one", ifname: "eth0", netns: pod.path }).catch((e) => e);
  expect(error.fault).toMatchObject({ kind: "plugin", plugin: "bridge" });
  expect(error.message).toContain("10.244.0.0/99");
  const probed = await t.runtime.probe(list);
  expect(probed.map((p) => [p.plugin, p.file, p.supportedVersions.includes("0.4.0"), p.fault])).toEqual([
    ["bridge", "/usr/lib/cni/bridge", true, undefined],
    ["host-local", "/usr/lib/cni/host-local", true, undefined],
  ]);
});

test("sixteen pods at once, four at a time, get sixteen addresses", async () => {
  using t = setUp("10-example.conf", page);
  const pods = Array.from({ length: 16 }, () => makeNetns());
  try {
    const list = t.runtime.network();
    const queue = pods.entries();
    const given: string[] = [];
    const worker = async (): Promise<void> => {
      for (const [i, pod] of queue) {
        const result = await t.runtime.add(list, { containerId: `c${i}`, ifname: "eth0", netns: pod.path });
        given.push(...result.ips.map((ip) => ip.address.ip));
      }
    };
    await Promise.all([worker(), worker(), worker(), worker()]);
    expect(new Set(given).size).toBe(16);
    await t.runtime.gc(list, []);
    expect(t.reserved("example-network")).toEqual([]);
  } finally {
    for (const pod of pods) pod[Symbol.dispose]();
  }
});
