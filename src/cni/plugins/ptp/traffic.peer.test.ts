/** Real packets between pods and beyond the host; masquerading with every rule and element looked at. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import type { JsonObject } from "../../../base/json-types.ts";
import { makeNetns, type TestNetns } from "../../../kernel/testing/netns.ts";
import { beyond, count, counted, knock, refused } from "../../testing/beyond.ts";
import { countingKernel } from "../../testing/failing-kernel.ts";
import { snapshot } from "../../testing/snapshot.ts";
import { type Stage, withStage } from "../../testing/stage.ts";
import { defaults, dual, ptpConf } from "./testing/conf.ts";

// Each test starts dozens of processes: on a busy machine that is slow, not wrong.
setDefaultTimeout(60_000);

const ruleset = (ns: TestNetns): string => ns.sh("nft -s list ruleset");
const masq = { ipMasq: true };
const conf = (s: Stage, more: JsonObject = {}): JsonObject => ptpConf(s, more, dual, defaults);

/** Two pods of one network: 10.1.2.2 and 10.1.2.3, fd00:1::2 and fd00:1::3. */
const two = async (s: Stage, more: JsonObject = {}): Promise<readonly [TestNetns, TestNetns]> => {
  const pods = [s.pod(), s.pod()] as const;
  for (const [i, pod] of pods.entries())
    expect(await s.call("ADD", conf(s, more), { pod, containerId: `c${i}` })).toMatchObject({ exit: 0 });
  return pods;
};

test("pods reach each other through the host, and the host reaches them, under their own addresses", () =>
  withStage(async (s) => {
    const [pod, other] = await two(s);
    count(other, { pod4: "ip saddr 10.1.2.2", pod6: "ip6 saddr fd00:1::2", host4: "ip saddr 10.1.2.1" });
    for (const to of ["10.1.2.3", "fd00:1::3", "10.1.2.1", "fd00:1::1"]) expect(knock(pod, to)).toMatch(refused);
    for (const to of ["10.1.2.2", "fd00:1::2", "10.1.2.3"]) expect(knock(s.host, to)).toMatch(refused);
    expect(["pod4", "pod6", "host4"].map((name) => counted(other, name) > 0)).toEqual([true, true, true]);
    // The only neighbour that the pod has had to look for is its gateway.
    const neighbours = pod.ipJson<{ dst: string }>("neighbour").map((n) => n.dst);
    expect(neighbours.filter((n) => !n.startsWith("fe80:")).sort()).toEqual(["10.1.2.1", "fd00:1::1"]);
  }));

describe("ipMasq", () => {
  test("beyond the subnet a pod is seen as the host, within it as itself", () =>
    withStage(async (s) => {
      const out = beyond(s);
      const [pod, other] = await two(s, masq);
      count(other, { pod4: "ip saddr 10.1.2.2" });
      for (const to of ["192.0.2.2", "fd00:99::2", "10.1.2.3"]) expect(knock(pod, to)).toMatch(refused);
      const seen = ["host4", "host6", "pod4"].map((name) => counted(out, name) > 0);
      expect([...seen, counted(other, "pod4") > 0]).toEqual([true, true, false, true]);
    }));

  test("DEL takes away what ADD made, with and without what the runtime remembers", () =>
    withStage(async (s) => {
      const before = ruleset(s.host);
      for (const remembered of [true, false])
        for (const more of [masq, {}]) {
          const pod = s.pod();
          const { json } = await s.call("ADD", conf(s, masq), { pod });
          expect(ruleset(s.host)).not.toBe(before);
          const call = remembered ? { pod } : { netns: "" };
          const asked = { ...conf(s, more), ...(remembered && { prevResult: json }) };
          for (const _ of [1, 2]) expect(await s.call("DEL", asked, call)).toMatchObject({ exit: 0, stderr: "" });
          expect(ruleset(s.host)).toBe(before);
        }
    }));

  test("GC leaves exactly those in the list", () =>
    withStage(async (s) => {
      await two(s, masq);
      await s.call("ADD", ptpConf(s, { ...masq, name: "net2" }, ["10.5.0.0/24"]), { pod: s.pod() });
      const valid = { "cni.dev/valid-attachments": [{ containerID: "c1", ifname: "eth0" }] };
      expect(await s.call("GC", { ...conf(s, masq), ...valid })).toMatchObject({ exit: 0 });
      const names = [...ruleset(s.host).matchAll(/podwire (\w+\/\w+)\/eth0/g)].map((m) => m[1]);
      expect(names.sort()).toEqual(["net1/c1", "net1/c1", "net2/pod1"]);
    }));

  for (const line of [
    "nft delete table inet podwire_masquerade",
    "nft flush chain inet podwire_masquerade postrouting",
    "nft delete element inet podwire_masquerade pods4 '{ 10.1.2.2 }'",
    "nft delete element inet podwire_masquerade pods6 '{ fd00:1::2 }'",
  ])
    test(`CHECK notices: ${line}`, () =>
      withStage(async (s) => {
        const pod = s.pod();
        const { json } = await s.call("ADD", conf(s, masq), { pod });
        const check = () => s.call("CHECK", { ...conf(s, masq), prevResult: json }, { pod });
        expect(await check()).toMatchObject({ exit: 0 });
        s.host.sh(line);
        expect(await check()).toMatchObject({ exit: 1, json: { msg: expect.stringMatching(/podwire|pods[46]/) } });
      }));

  test("an ADD whose n-th operation fails leaves everything as it was", () =>
    withStage(async (s) => {
      const look = (pod: TestNetns) => [
        snapshot(s.host, ["net/ipv4/ip_forward"]),
        snapshot(pod),
        s.store(),
        ruleset(s.host),
      ];
      const was = look(s.pod());
      for (let n = 1; ; n++) {
        using pod = makeNetns();
        const { kernel, done } = countingKernel(s.kernel, n);
        const { exit } = await s.call("ADD", conf(s, masq), { pod }, kernel);
        s.kernel.forget(pod.path);
        if (exit === 0) break;
        expect({ n, op: done[n - 1], seen: look(pod) }).toEqual({ n, op: done[n - 1], seen: was });
      }
    }));
});
