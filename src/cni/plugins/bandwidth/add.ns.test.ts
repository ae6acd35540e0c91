/** ADD on a kernel: `tc` and `ip -j` are the judges. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import type { JsonObject } from "../../../base/json-types.ts";
import { fqCodelProbe } from "../../../kernel/probe/fq-codel.ts";
import { trafficControl } from "../../../kernel/testing/snapshot.ts";
import { countingKernel } from "../../testing/failing-kernel.ts";
import { snapshot } from "../../testing/snapshot.ts";
import { type Stage, withStage } from "../../testing/stage.ts";
import { both, ifbs, shaping, type Wired, wired } from "./testing/shaped.ts";

// Each test starts dozens of processes: on a busy machine that is slow, not wrong.
setDefaultTimeout(60_000);

interface Tbf {
  readonly kind: string;
  readonly handle: string;
  readonly dev: string;
  readonly options: { rate: number; burst: number | string };
}
// With -details `tc` writes the burst with a unit.
const buckets = (s: Stage) => (JSON.parse(s.host.sh("tc -j qdisc show")) as Tbf[]).filter((q) => q.kind === "tbf");
const shape = async (s: Stage, w: Wired, more?: JsonObject) =>
  s.call("ADD", { ...shaping(more), prevResult: w.prevResult }, w.call);
const see = (s: Stage) => [snapshot(s.host), trafficControl(s.host)];

test("each way has its bucket: on the veth what the pod receives, on a device of its own what it sends", () =>
  withStage(async (s) => {
    const w = await wired(s);
    const { exit, json, stderr } = await shape(s, w);
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
    const [ifb] = ifbs(s);
    expect(ifb).toMatchObject({ ifalias: "podwire net1/pod1/eth0", group: "default", mtu: 1500 });
    // Bytes a second.
    expect(
      buckets(s)
        .map(({ dev, handle, options }) => [dev === w.veth ? "veth" : dev, handle, options.rate, options.burst])
        .sort(),
    ).toEqual([
      [ifb!.ifname, "7077:", 2_500_000, 25_000],
      ["veth", "7077:", 1_250_000, 12_500],
    ]);
    expect(s.host.sh(`tc filter show dev ${w.veth} ingress`)).toContain(
      `(Egress Redirect to device ${ifb!.ifname}) stolen`,
    );
    const leaves = s.host.tcJson<{ kind: string; parent?: string }>("qdisc show").filter((q) => q.kind === "fq_codel");
    expect(leaves.map((q) => q.parent)).toEqual(fqCodelProbe.ask().is === "no" ? [] : ["7077:1", "7077:1"]);
    const { ifname: name, address: mac } = ifb as unknown as { ifname: string; address: string };
    const before = w.prevResult.interfaces as JsonObject[];
    expect(json).toEqual({ ...w.prevResult, interfaces: [...before, { name, mac, mtu: 1500 }] });
  }));

test("one way alone leaves the other as it was", () =>
  withStage(async (s) => {
    const w = await wired(s);
    const { ingressRate, ingressBurst, egressRate, egressBurst } = both;
    expect((await shape(s, w, { ingressRate, ingressBurst })).json).toEqual(w.prevResult);
    expect([buckets(s).map((b) => b.dev), ifbs(s)]).toEqual([[w.veth], []]);
    const other = await wired(s, "pod2");
    expect(await shape(s, other, { egressRate, egressBurst })).toMatchObject({ exit: 0 });
    expect(buckets(s).map((b) => b.dev)).not.toContain(other.veth);
    expect(ifbs(s).length).toBe(1);
  }));

test("without limits the result passes through, and nothing is made", () =>
  withStage(async (s) => {
    const w = await wired(s);
    const was = see(s);
    for (const more of [{}, { ingressRate: 0, ingressBurst: 0, egressRate: 0, egressBurst: 0 }, { runtimeConfig: {} }])
      expect((await shape(s, w, more)).json).toEqual(w.prevResult);
    expect(see(s)).toEqual(was);
  }));

test("a rate beyond 32 bits of bytes a second is kept whole", () =>
  withStage(async (s) => {
    const w = await wired(s);
    const rate = 80_000_000_000;
    await shape(s, w, { ingressRate: rate, ingressBurst: 34_000_000_000 });
    expect(buckets(s)[0]?.options).toMatchObject({ rate: rate / 8 });
  }));

test("a burst that holds no frame is taken as one, and said so", () =>
  withStage(async (s) => {
    const w = await wired(s);
    const { exit, stderr } = await shape(s, w, { ingressRate: 1_000_000, ingressBurst: 456 });
    expect(exit).toBe(0);
    expect(stderr).toBe(`ingressBurst of 57 bytes holds no frame of ${w.veth}: taken as 1514`);
    expect(buckets(s)[0]?.options.burst).toBe(1514);
  }));

test("two interfaces of one pod have a device each", () =>
  withStage(async (s) => {
    const w = await wired(s);
    await shape(s, w);
    const call = { ...w.call, ifname: "eth1" };
    const { json: prevResult } = await s.call("ADD", { ...shaping(), type: "bridge", bridge: "br1" }, call);
    expect(await s.call("ADD", { ...shaping(), prevResult }, call)).toMatchObject({ exit: 0 });
    expect(
      ifbs(s)
        .map((l) => l.ifalias)
        .sort(),
    ).toEqual(["podwire net1/pod1/eth0", "podwire net1/pod1/eth1"]);
  }));

test("a hook that is there already is used, with its filters, and stays when ADD fails", () =>
  withStage(async (s) => {
    const w = await wired(s);
    s.host.sh(`ip link add seen0 type ifb; tc qdisc add dev ${w.veth} clsact
      tc filter add dev ${w.veth} ingress pref 1 protocol ip u32 match ip dst 192.0.2.0/24 action mirred egress mirror dev seen0`);
    const was = see(s);
    const conf = { ...shaping(), prevResult: w.prevResult };
    const last = countingKernel(s.kernel);
    expect(await s.call("ADD", conf, w.call, last.kernel)).toMatchObject({ exit: 0 });
    expect(s.host.sh(`tc filter show dev ${w.veth} ingress`)).toMatch(/pref 1 [\s\S]*pref 28791 /);
    expect(await s.call("DEL", conf, w.call)).toMatchObject({ exit: 0 });
    expect(see(s)).toEqual(was);
    const failing = countingKernel(s.kernel, last.done.length);
    expect(await s.call("ADD", conf, w.call, failing.kernel)).toMatchObject({ exit: 1 });
    expect(see(s)).toEqual(was);
  }));

describe("what cannot be is refused, and nothing is made", () => {
  const refused = (more: JsonObject, before: (s: Stage, w: Wired) => void, said: RegExp, fix: RegExp, code: number) =>
    withStage(async (s) => {
      const w = await wired(s);
      before(s, w);
      const was = see(s);
      const { exit, json } = await s.call("ADD", { ...shaping(), prevResult: w.prevResult, ...more }, w.call);
      expect({ exit, code: json.code }).toEqual({ exit: 1, code });
      expect(String(json.msg)).toMatch(said);
      expect(String(json.details ?? "")).toMatch(fix);
      expect(see(s)).toEqual(was);
    });
  const nothing = (): void => {};

  test("no result before it", () =>
    withStage(async (s) => {
      const { pod } = await wired(s);
      for (const conf of [shaping(), shaping({})])
        expect(await s.call("ADD", conf, { pod })).toMatchObject({ exit: 1, json: { code: 7 } });
    }));
  test("a result without the host's end", () =>
    refused(
      { prevResult: { cniVersion: "1.1.0" } },
      nothing,
      /has no veth\w+, which is this host's end of eth0/,
      /^$/,
      7,
    ));
  test("no interface", () =>
    refused({}, (_, w) => w.pod.ip("link del eth0"), /interface eth0 .*: is not there/, /^$/, 103));
  test("an interface that is no veth", () =>
    refused(
      {},
      (_, w) => w.pod.sh("ip link del eth0; ip link add eth0 type bridge"),
      /eth0 in the pod is a bridge, not a veth/,
      /^$/,
      2,
    ));
  test("a queue on the veth that is another's", () =>
    refused(
      {},
      (s, w) => s.host.sh(`tc qdisc add dev ${w.veth} root handle 9: pfifo`),
      /qdisc of veth\w+: another one is there already/,
      /^tc qdisc del dev veth\w+ root$/,
      102,
    ));
  test("the same attachment again", () =>
    withStage(async (s) => {
      const w = await wired(s);
      const { egressRate, egressBurst } = both;
      await shape(s, w, { egressRate, egressBurst });
      const was = see(s);
      const { exit, json } = await shape(s, w, { egressRate, egressBurst });
      expect({ exit, code: json.code }).toEqual({ exit: 1, code: 102 });
      expect(String(json.msg)).toMatch(/link bwp\w+: is there already/);
      expect(see(s)).toEqual(was);
    }));
  test("an ingress qdisc where subnets need the other hook", () =>
    refused(
      { unshapedSubnets: ["10.0.0.0/8"] },
      (s, w) => s.host.sh(`tc qdisc add dev ${w.veth} ingress`),
      /qdisc ingress on veth\w+: is there, and only a clsact/,
      /clsact/,
      102,
    ));
});

describe("an ADD whose n-th operation fails leaves everything as it was", () => {
  const configs: Record<string, JsonObject> = {
    "both ways": both,
    "with subnets": { ...both, unshapedSubnets: ["10.0.0.0/8", "192.0.2.1/32", "fd00::/16", "::/0"] },
  };
  for (const [name, more] of Object.entries(configs))
    test(name, () =>
      withStage(async (s) => {
        const w = await wired(s);
        const was = see(s);
        for (let n = 1; ; n++) {
          const { kernel, done } = countingKernel(s.kernel, n);
          const { exit, json } = await s.call("ADD", { ...shaping(more), prevResult: w.prevResult }, w.call, kernel);
          if (exit === 0) {
            expect(done.length).toBe(n - 1);
            break;
          }
          expect(String(json.msg)).toContain("as planned");
          expect({ n, op: done[n - 1], seen: see(s) }).toEqual({ n, op: done[n - 1], seen: was });
        }
      }),
    );
});

test("the operations of one ADD, counted", () =>
  withStage(async (s) => {
    const w = await wired(s);
    const { kernel, done } = countingKernel(s.kernel);
    await s.call("ADD", { ...shaping(), prevResult: w.prevResult }, w.call, kernel);
    expect(done.filter((op) => op.startsWith("dump:"))).toEqual([]);
    expect(done.length).toBeLessThanOrEqual(20);
  }));
