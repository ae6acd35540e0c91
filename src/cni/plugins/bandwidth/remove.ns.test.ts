/** DEL, GC and STATUS on a kernel: from every half-made state to nothing, and never more than is ours. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { deleteNetns } from "../../../kernel/os/netns.ts";
import { countingKernel } from "../../testing/failing-kernel.ts";
import { type Stage, withStage } from "../../testing/stage.ts";
import { referenceIfbName } from "./names.ts";
import { both, ifbs, shaping, type Wired, wired } from "./testing/shaped.ts";

// Each test starts dozens of processes: on a busy machine that is slow, not wrong.
setDefaultTimeout(60_000);

const subnets = { ...both, shapedSubnets: ["10.0.0.0/8"] };
const shaped = async (s: Stage, containerId = "pod1"): Promise<Wired> => {
  const w = await wired(s, containerId);
  expect(await s.call("ADD", { ...shaping(subnets), prevResult: w.prevResult }, w.call)).toMatchObject({ exit: 0 });
  return w;
};
const names = (s: Stage): string[] => ifbs(s).map((l) => l.ifname);

test("DEL takes what is ours off the veth, and leaves what others have there; the next ADD finds room", () =>
  withStage(async (s) => {
    const w = await wired(s);
    const was = s.host.sh(`tc qdisc show dev ${w.veth}`);
    for (const conf of [both, subnets]) {
      const add = () => s.call("ADD", { ...shaping(conf), prevResult: w.prevResult }, w.call);
      for (const _ of [1, 2]) {
        expect(await add()).toMatchObject({ exit: 0 });
        expect(await s.call("DEL", shaping(conf), w.call)).toEqual({ exit: 0, json: {}, stderr: "" });
        expect(s.host.sh(`tc qdisc show dev ${w.veth}`)).toBe(was);
      }
      s.host.sh(`tc qdisc add dev ${w.veth} clsact
        tc filter add dev ${w.veth} ingress pref 7 protocol all u32 match u32 0 0 classid 1:1`);
      const theirs = () => s.host.sh(`tc filter show dev ${w.veth} ingress; tc filter show dev ${w.veth} egress`);
      const before = theirs();
      await add();
      await s.call("DEL", shaping(conf), w.call);
      expect(theirs()).toBe(before);
      s.host.sh(`tc qdisc del dev ${w.veth} clsact`);
    }
  }));

describe("DEL succeeds, twice, and leaves no device behind", () => {
  const states: Record<string, (s: Stage, w: Wired) => void> = {
    "after a plain ADD": () => {},
    "with a namespace that is no more": (s, w) => {
      s.kernel.forget(w.pod.path);
      deleteNetns(w.pod.path);
    },
    "with the veth gone": (s, w) => s.host.ip(`link del ${w.veth}`),
    "with the filters gone": (s, w) => void s.host.sh(`tc qdisc del dev ${w.veth} clsact`),
    "with one device gone": (s) => s.host.ip(`link del ${names(s)[0]}`),
    "with an alias gone": (s) => void s.host.sh(`ip link set ${names(s)[0]} alias ''`),
  };
  for (const [name, half] of Object.entries(states))
    test(name, () =>
      withStage(async (s) => {
        const w = await shaped(s);
        half(s, w);
        for (const _ of [1, 2])
          expect(await s.call("DEL", shaping(subnets), w.call)).toEqual({ exit: 0, json: {}, stderr: "" });
        expect(names(s)).toEqual([]);
      }),
    );

  for (const [name, conf] of Object.entries({ "the limits": {}, "the subnets": both }))
    test(`without ${name} in the config any more, without prevResult and without a namespace`, () =>
      withStage(async (s) => {
        await shaped(s);
        expect(await s.call("DEL", shaping(conf), { netns: "" })).toEqual({ exit: 0, json: {}, stderr: "" });
        expect(names(s)).toEqual([]);
      }));

  test("after an ADD that was killed at each of its operations", () =>
    withStage(async (s) => {
      const w = await wired(s);
      for (let n = 1; ; n++) {
        const { kernel } = countingKernel(s.kernel, n, "killed");
        const { exit } = await s.call("ADD", { ...shaping(), prevResult: w.prevResult }, w.call, kernel);
        expect(await s.call("DEL", shaping(), { netns: "" })).toMatchObject({ exit: 0 });
        expect(names(s)).toEqual([]);
        if (exit === 0) break;
        s.host.sh(`for place in root clsact; do tc qdisc del dev ${w.veth} $place 2> /dev/null || :; done`);
      }
    }));
});

test("a DEL whose n-th operation fails is made good by the next", () =>
  withStage(async (s) => {
    for (let n = 1; ; n++) {
      await shaped(s, `pod${n}`);
      const call = { netns: "", containerId: `pod${n}` };
      const { exit } = await s.call("DEL", shaping(), call, countingKernel(s.kernel, n).kernel);
      if (exit === 0) break;
      expect(await s.call("DEL", shaping(), call)).toMatchObject({ exit: 0 });
      expect(names(s)).toEqual([]);
    }
  }));

test("DEL takes away the device of a pod that the reference limited, and leaves all others", () =>
  withStage(async (s) => {
    const theirs = referenceIfbName({ network: "net1", containerId: "old", ifname: "eth0" });
    s.host.sh(`ip link add ${theirs} type ifb; ip link add ifb0 type ifb`);
    await shaped(s, "other");
    const others = names(s).filter((n) => n !== theirs);
    expect(await s.call("DEL", shaping(), { netns: "", containerId: "old" })).toMatchObject({ exit: 0 });
    expect(names(s)).toEqual(others);
    expect(others.length).toBe(3);
  }));

describe("GC", () => {
  const valid = (...ids: string[]) => ({
    "cni.dev/valid-attachments": ids.map((containerID) => ({ containerID, ifname: "eth0" })),
  });

  test("removes the devices of those not listed, and no others", () =>
    withStage(async (s) => {
      for (const id of ["a", "b", "c"]) await shaped(s, id);
      const w = await wired(s, "d");
      await s.call("ADD", { ...shaping(), name: "net2", prevResult: w.prevResult }, w.call);
      s.host.sh("ip link add ifb0 type ifb; ip link add bwp000000000000 type ifb");
      expect(await s.call("GC", shaping(valid("b")))).toMatchObject({ exit: 0 });
      const left = ifbs(s).map((l) => l.ifalias ?? l.ifname);
      expect(left.sort()).toEqual([
        "bwp000000000000",
        "ifb0",
        "podwire net1/b/eth0",
        "podwire net1/b/eth0",
        "podwire net2/d/eth0",
      ]);
    }));
  test("removes what ADDs left that were killed at each operation", () =>
    withStage(async (s) => {
      for (let n = 1; ; n++) {
        const w = await wired(s, `pod${n}`);
        const { kernel } = countingKernel(s.kernel, n, "killed");
        const { exit } = await s.call("ADD", { ...shaping(), prevResult: w.prevResult }, w.call, kernel);
        if (exit === 0) break;
      }
      expect(names(s).length).toBeGreaterThan(2);
      expect(await s.call("GC", shaping(valid()))).toMatchObject({ exit: 0 });
      expect(names(s)).toEqual([]);
    }));
  test("without a list removes nothing", () =>
    withStage(async (s) => {
      await shaped(s);
      expect(await s.call("GC", shaping())).toMatchObject({ exit: 1, json: { code: 7 } });
      expect(names(s).length).toBe(2);
    }));
});

test("STATUS is fine where an ADD would be, and makes nothing", () =>
  withStage(async (s) => {
    for (const conf of [{}, both, subnets])
      expect(await s.call("STATUS", shaping(conf))).toEqual({ exit: 0, json: {}, stderr: "" });
    expect(names(s)).toEqual([]);
  }));
