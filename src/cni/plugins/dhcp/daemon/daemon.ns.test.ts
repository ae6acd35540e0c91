/** The daemon's own operations on the kernel, failed one by one; no server is there, and none is needed. */
import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { faultMessage } from "../../../../base/fault.ts";
import { bootNow } from "../../../../kernel/os/boot-clock.ts";
import type { TestNetns } from "../../../../kernel/testing/netns.ts";
import type { Kernel } from "../../../../net/kernel.ts";
import { countingKernel } from "../../../testing/failing-kernel.ts";
import { snapshot } from "../../../testing/snapshot.ts";
import { type Stage, withStage } from "../../../testing/stage.ts";
import type { Question, Reply } from "../protocol.ts";
import { lockStore } from "../store.ts";
import { noChance } from "../testing/server.ts";
import { Daemon } from "./daemon.ts";
import { openLoop } from "./loop.ts";
import type { Timing } from "./pace.ts";

interface Bench extends Disposable {
  readonly daemon: Daemon;
  readonly said: string[];
  /** Lets the daemon work until then. */
  turn(until: () => boolean): void;
  /** The same until this question has its answer. */
  ask(question: Question): Reply;
}

const quick: Timing = { tryMs: 50, longestPause: 10, giveUp: 100 };

const openBench = (s: Stage, kernel: Kernel, timing = quick): Bench => {
  const said: string[] = [];
  const log = (line: string): void => void said.push(line);
  const store = lockStore(join(s.dataDir, "dhcp.sock"), true, log)!;
  const loop = openLoop();
  const daemon = new Daemon({
    ...{ kernel, loop, store, log, timing, chance: noChance(), bootId: "now", broadcast: false, hostPrefix: "" },
    now: bootNow,
  });
  const turn = (until: () => boolean): void => {
    while (!until()) {
      loop.turn(daemon.dueAt() - bootNow());
      daemon.wake(bootNow());
    }
  };
  return {
    ...{ daemon, said, turn },
    ask: (question) => {
      const replies: Reply[] = [];
      daemon.ask(question, (reply) => replies.push(reply) > 0);
      turn(() => replies.length > 0);
      return replies[0]!;
    },
    [Symbol.dispose]: () => {
      store[Symbol.dispose]();
      loop[Symbol.dispose]();
    },
  };
};

const withLink = (s: Stage): TestNetns => {
  const pod = s.pod();
  s.host.sh(`ip link add v${pod.name.split("-").at(-1)} type veth peer name eth0 netns ${pod.name}`);
  return pod;
};
const holder = { network: "lan", containerId: "pod1", ifname: "eth0" };
const acquire = (pod: TestNetns, ifname = "eth0"): Question => ({
  op: "acquire",
  holder: { ...holder, ifname },
  netns: pod.path,
  provide: new Map(),
  request: [1],
});

test("a request that nobody answers leaves the link as it was, whichever operation fails before", () =>
  withStage(async (s) => {
    const pod = withLink(s);
    const was = snapshot(pod);
    const failing = (n: number) => {
      const { kernel, done } = countingKernel(s.kernel, n);
      using bench = openBench(s, kernel);
      const reply = bench.ask(acquire(pod));
      return { reply, op: done[n - 1], kind: "fault" in reply ? reply.fault.kind : "none" };
    };
    let n = 1;
    // Until what fails is the way back itself.
    for (let seen = failing(n); seen.kind !== "no-answer"; seen = failing(++n)) {
      expect(seen.reply).toMatchObject({ fault: { kind: "kernel", said: "as planned" } });
      expect({ n, op: seen.op, pod: snapshot(pod) }).toEqual({ n, op: seen.op, pod: was });
    }
    expect(n).toBeGreaterThan(2);
    pod.ip("link set eth0 down");
    expect(failing(0).kind).toBe("no-answer");
    expect(snapshot(pod)).toEqual(was);
    expect(existsSync(join(s.dataDir, "dhcp", "lan"))).toBe(false);
  }));

describe("a request is refused at once", () => {
  const refusals: Record<string, (pod: TestNetns) => Question> = {
    "interface eth9 in": (pod) => acquire(pod, "eth9"),
    "does not exist": (pod) => acquire({ ...pod, path: "/run/netns/nowhere" }),
    "has no Ethernet address": (pod) => {
      pod.sh("ip tuntap add tun0 mode tun");
      return acquire(pod, "tun0");
    },
  };
  for (const [words, question] of Object.entries(refusals))
    test(`that: ${words}`, () =>
      withStage(async (s) => {
        using bench = openBench(s, s.kernel);
        const reply = bench.ask(question(withLink(s)));
        expect("fault" in reply ? faultMessage(reply.fault) : "no fault").toContain(words);
      }));
});

test("a link that goes away while it is asked for ends the request", () =>
  withStage(async (s) => {
    using bench = openBench(s, s.kernel, { tryMs: 10_000, longestPause: 1000, giveUp: 100_000 });
    const pod = withLink(s);
    const replies: Reply[] = [];
    bench.daemon.ask(acquire(pod), (reply) => replies.push(reply) > 0);
    pod.ip("link del eth0");
    bench.turn(() => replies.length > 0);
    expect(replies).toMatchObject([{ fault: { kind: "kernel", errno: "ENETDOWN" } }]);
    expect(bench.daemon.dueAt()).toBe(Number.POSITIVE_INFINITY);
  }));

test("one attachment is asked for once at a time, and DEL ends that", () =>
  withStage(async (s) => {
    using bench = openBench(s, s.kernel, { tryMs: 10_000, longestPause: 1000, giveUp: 100_000 });
    const pod = withLink(s);
    const replies: Reply[] = [];
    bench.daemon.ask(acquire(pod), (reply) => replies.push(reply) > 0);
    expect(bench.ask(acquire(pod))).toMatchObject({ fault: { kind: "busy", why: "it is being asked for already" } });
    expect(bench.ask({ op: "release", holder })).toEqual({});
    expect(replies).toMatchObject([{ fault: { kind: "busy", why: "DEL came meanwhile" } }]);
    expect(pod.ipJson<{ flags: string[] }>("link show eth0")[0]?.flags).not.toContain("UP");
  }));
