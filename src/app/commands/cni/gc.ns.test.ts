/** `podwire cni gc --keep-living` and pods that our cache does not know: the whole program, on a host of its own. */
import { expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JsonObject } from "../../../base/json-types.ts";
import { makeNetns, type TestNetns, withNetns } from "../../../kernel/testing/netns.ts";

const dist = join(import.meta.dir, "../../../../dist");
const subnet = "10.1.2.0/24";

const setUp = (host: TestNetns, plugin: JsonObject & { readonly type: string } = { type: "bridge" }) => {
  const dir = mkdtempSync(join(tmpdir(), "podwire-gc-"));
  const conf = {
    cniVersion: "1.1.0",
    name: "pods",
    ...plugin,
    ipam: { type: "host-local", subnet, dataDir: join(dir, "ipam") },
  };
  writeFileSync(join(dir, "10-pods.conf"), JSON.stringify(conf));
  const at = (argv: readonly string[], env: Record<string, string> = {}) => {
    const done = Bun.spawnSync(["nsenter", `--net=${host.path}`, ...argv], {
      stdin: Buffer.from(JSON.stringify(conf)),
      env: { PATH: process.env.PATH ?? "", CNI_PATH: join(dist, "cni"), ...env },
    });
    return { exit: done.exitCode, out: done.stdout.toString(), err: done.stderr.toString() };
  };
  const folders = ["--conf-dir", dir, "--cache-dir", join(dir, "cache")];
  return {
    dir,
    cni: (...argv: string[]) => at([join(dist, "podwire"), "cni", ...argv, ...folders]),
    /** As a runtime with another cache does it. */
    direct: (pod: { readonly path: string }, id: string) =>
      at([join(dist, "cni", plugin.type)], {
        CNI_COMMAND: "ADD",
        CNI_CONTAINERID: id,
        CNI_NETNS: pod.path,
        CNI_IFNAME: "eth0",
      }),
    held: () =>
      readdirSync(join(dir, "ipam/pods"))
        .filter((name) => /^[\d.]+$/.test(name))
        .sort(),
  };
};

test("a living pod that no cache of ours knows is kept, and told of; one whose namespace is gone is not", () =>
  withNetns((host) => {
    const t = setUp(host);
    using stranger = makeNetns();
    const dead = makeNetns();
    using ours = makeNetns();
    try {
      expect(t.direct(stranger, "stranger").exit).toBe(0);
      expect(t.cni("add", "pods", ours.path, "--container-id", "ours").exit).toBe(0);
      expect(t.cni("add", "pods", dead.path, "--container-id", "dead").exit).toBe(0);
      expect(t.held()).toHaveLength(3);
      dead[Symbol.dispose]();
      expect(t.cni("gc", "pods", "--keep-living")).toEqual({
        exit: 0,
        out: "",
        err: "keeping stranger/eth0: not in the cache, but its link has podwire's mark and its namespace exists\n",
      });
      expect(t.held()).toEqual(["10.1.2.2", "10.1.2.3"]);
      expect(stranger.ipJson("address show eth0")).toHaveLength(1);
      // Asked to, it still takes it: the mark adds to what is kept, not to what may be said.
      expect(t.cni("gc", "pods", "--keep", "ours/eth0").exit).toBe(0);
      expect(t.held()).toEqual(["10.1.2.3"]);
    } finally {
      rmSync(t.dir, { recursive: true });
    }
  }));

/** A namespace that has no name: only a process keeps it, which ends with its input. */
const nameless = async (): Promise<{ readonly path: string } & AsyncDisposable> => {
  const keeper = Bun.spawn(["unshare", "--net", "sh", "-c", "echo ready; cat"], { stdin: "pipe", stdout: "pipe" });
  await keeper.stdout.getReader().read();
  return {
    path: `/proc/${keeper.pid}/ns/net`,
    async [Symbol.asyncDispose]() {
      keeper.kill("SIGKILL");
      await keeper.exited;
    },
  };
};

const before = "ip link add ens3 up type veth peer name wire0";

for (const plugin of [{ type: "macvlan", master: "ens3" }, { type: "tap" }])
  test(`a pod of ${plugin.type} is known by the mark on its link, wherever its namespace is kept`, () =>
    withNetns(async (host) => {
      host.sh(before);
      const t = setUp(host, plugin);
      using named = makeNetns();
      using dead = makeNetns();
      await using kept = await nameless();
      try {
        for (const [pod, id] of [
          [named, "named"],
          [kept, "nameless"],
          [dead, "dead"],
        ] as const)
          expect(t.direct(pod, id)).toMatchObject({ exit: 0 });
        dead[Symbol.dispose]();
        const { exit, err } = t.cni("gc", "pods", "--keep-living");
        expect({ exit, err: err.split("\n").toSorted() }).toEqual({
          exit: 0,
          err: [
            "",
            "keeping named/eth0: not in the cache, but its link has podwire's mark and its namespace exists",
            "keeping nameless/eth0: not in the cache, but its link has podwire's mark and its namespace exists",
          ],
        });
        expect(t.held()).toEqual(["10.1.2.2", "10.1.2.3"]);
      } finally {
        rmSync(t.dir, { recursive: true });
      }
    }));

test("a pod that has a device of the host is known by the device's mark, and one that is gone is not", () =>
  withNetns((host) => {
    host.sh(before);
    const dataDir = mkdtempSync(join(tmpdir(), "podwire-devices-"));
    const t = setUp(host, { type: "host-device", device: "ens3", dataDir });
    using pod = makeNetns();
    try {
      expect(t.direct(pod, "lives")).toMatchObject({ exit: 0 });
      expect(t.cni("gc", "pods", "--keep-living").err).toContain("keeping lives/eth0: not in the cache");
      expect([t.held(), pod.ipJson<{ ifname: string }>("link").map((l) => l.ifname)]).toEqual([
        ["10.1.2.2"],
        ["lo", "eth0"],
      ]);
      pod.sh("ip link del eth0");
      expect(t.cni("gc", "pods", "--keep-living")).toEqual({ exit: 0, out: "", err: "" });
      expect(t.held()).toEqual([]);
    } finally {
      for (const dir of [t.dir, dataDir]) rmSync(dir, { recursive: true });
    }
  }));
