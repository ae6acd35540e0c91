/** Real packets: which of them pass the buckets is read from `tc -s`, that none passes faster than it may by the clock. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import type { JsonObject } from "../../../base/json-types.ts";
import { type Stage, withStage } from "../../testing/stage.ts";
import { both, shaping, type Wired, wired } from "./testing/shaped.ts";

// Each test starts dozens of processes: on a busy machine that is slow, not wrong.
setDefaultTimeout(60_000);

/** Addresses of this host besides the bridge's. */
const near = "10.1.2.1";
const far = "192.0.2.1";
const far6 = "fd00:99::1";

const limited = async (s: Stage, more: JsonObject): Promise<Wired> => {
  for (const name of ["all", "default"]) s.host.sh(`sysctl -qw net.ipv6.conf.${name}.accept_dad=0`);
  const w = await wired(s);
  s.host.sh(`ip link set lo up; ip address add ${far}/32 dev lo; ip address add ${far6}/128 dev lo`);
  const added = await s.call("ADD", { ...shaping({ ...both, ...more }), prevResult: w.prevResult }, w.call);
  expect(added).toMatchObject({ exit: 0 });
  return w;
};

/** A refused connection has been there and back: a packet each way. */
const talk = (w: Wired, to: string): void => void w.pod.sh(`bash -c '</dev/tcp/${to}/9' 2>&1 | grep -q refused`);

/** Packets that have passed each bucket, by the first letters of its device. */
const passed = (s: Stage): Record<string, number> =>
  Object.fromEntries(
    (JSON.parse(s.host.sh("tc -s -j qdisc show")) as { kind: string; dev: string; packets: number }[])
      .filter((q) => q.kind === "tbf")
      .map((q) => [q.dev.slice(0, 3), q.packets]),
  );

describe("which packets pass the buckets", () => {
  const cases: Record<string, { more: JsonObject; shaped: string[]; free: string[] }> = {
    "all of them, without subnets": { more: {}, shaped: [near, far, far6], free: [] },
    "those with the shaped subnets": {
      more: { shapedSubnets: ["192.0.2.0/24", "fd00:99::/32"] },
      shaped: [far, far6],
      free: [near],
    },
    "a shaped subnet of one address": {
      more: { shapedSubnets: ["fd00:99::1/128"] },
      shaped: [far6],
      free: [near, far],
    },
    "those with none of the unshaped subnets": {
      more: { unshapedSubnets: ["192.0.2.1/32"] },
      shaped: [near, far6],
      free: [far],
    },
    "all of IPv6 left out": { more: { unshapedSubnets: ["::/0"] }, shaped: [near, far], free: [far6] },
    "everything shaped by two halves": {
      more: { shapedSubnets: ["0.0.0.0/1", "128.0.0.0/1"] },
      shaped: [near, far],
      free: [far6],
    },
  };
  for (const [name, { more, shaped, free }] of Object.entries(cases))
    test(name, () =>
      withStage(async (s) => {
        const w = await limited(s, more);
        // Neighbours get to know each other first: without subnets their asking counts, too.
        for (const to of [near, far, far6]) talk(w, to);
        const ingress = Object.keys(more).length > 0 ? "bwi" : "vet";
        for (const [list, most] of [
          [shaped, true],
          [free, false],
        ] as const)
          for (const to of list) {
            const before = passed(s);
            for (let i = 0; i < 10; i++) talk(w, to);
            const after = passed(s);
            // What the kernel sends of its own accord meanwhile is less than half of it.
            const more = [ingress, "bwp"].map((dev) => (after[dev] ?? 0) - (before[dev] ?? 0) >= 10);
            expect({ to, more }).toEqual({ to, more: [most, most] });
          }
      }),
    );
});

describe("nothing passes faster than its rate", () => {
  const rate = 4_000_000;
  const burst = 80_000;
  const bytes = 250_000;
  const least = ((bytes - burst / 8) * 8) / rate;
  /** Seconds from the first byte sent until all have come, as the receiver has it. */
  const seconds = (s: Stage, w: Wired, way: "in" | "out"): number => {
    const [from, to, address] = way === "in" ? [s.host, w.pod, "10.1.2.2"] : [w.pod, s.host, near];
    const serve = `
      const { inNetns, openNetns } = await import("${import.meta.dirname}/../../../kernel/os/netns.ts");
      const at = (path, act) => { const fd = openNetns(path); return inNetns(fd, act); };
      let got = 0, start = 0, done;
      const all = new Promise((resolve) => (done = resolve));
      const socket = { data: (_, b) => { got += b.length; if (got >= ${bytes}) done(); }, drain: () => {}, error: done };
      const server = at("${to.path}", () => Bun.listen({ hostname: "${address}", port: 5003, socket }));
      start = performance.now();
      const { spawn } = await import("node:child_process");
      const sender = spawn("nsenter", ["--net=${from.path}", "bash", "-c", "head -c ${bytes} /dev/zero > /dev/tcp/${address}/5003"]);
      await all;
      console.log((performance.now() - start) / 1000);
      server.stop(true); sender.kill(); process.exit(0);`;
    const run = Bun.spawnSync([process.execPath, "-e", serve]);
    return Number(run.stdout.toString());
  };
  for (const way of ["in", "out"] as const)
    test(`on the way ${way}`, () =>
      withStage(async (s) => {
        const key = way === "in" ? "ingress" : "egress";
        const none = { ingressRate: 0, ingressBurst: 0, egressRate: 0, egressBurst: 0 };
        const w = await limited(s, { ...none, [`${key}Rate`]: rate, [`${key}Burst`]: burst });
        expect(seconds(s, w, way)).toBeGreaterThan(least);
      }));
});
