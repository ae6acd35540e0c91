/** `ipMasq` and `macspoofchk`: real packets, every rule and element looked at, every operation failed once. */
import { describe, expect, test } from "bun:test";
import type { JsonObject } from "../../../base/json-types.ts";
import { makeNetns, type TestNetns } from "../../../kernel/testing/netns.ts";
import { beyond, count, counted, knock, refused } from "../../testing/beyond.ts";
import { countingKernel } from "../../testing/failing-kernel.ts";
import { snapshot } from "../../testing/snapshot.ts";
import { withStage } from "../../testing/stage.ts";
import { bridgeConf, dual } from "./testing/conf.ts";

const ruleset = (ns: TestNetns): string => ns.sh("nft -s list ruleset");
const masq = { isDefaultGateway: true, ipMasq: true };
const spoof = { isDefaultGateway: true, macspoofchk: true };

describe("ipMasq", () => {
  test("beyond the subnet a pod is seen as the host, within it as itself", () =>
    withStage(async (s) => {
      const out = beyond(s);
      const [pod, other] = [s.pod(), s.pod()];
      for (const [i, p] of [pod, other].entries())
        expect(await s.call("ADD", bridgeConf(s, masq, dual), { pod: p, containerId: `c${i}` })).toMatchObject({
          exit: 0,
        });
      count(other, { pod4: "ip saddr 10.1.2.2" });
      for (const to of ["192.0.2.2", "fd00:99::2", "10.1.2.3"]) expect(knock(pod, to)).toMatch(refused);
      const seen = ["host4", "host6", "pod4"].map((name) => counted(out, name) > 0);
      expect([...seen, counted(other, "pod4") > 0]).toEqual([true, true, false, true]);
    }));

  test("DEL takes away what ADD made, from every half-made state, and the table goes with the last pod", () =>
    withStage(async (s) => {
      const conf = bridgeConf(s, masq, dual);
      const before = ruleset(s.host);
      const states: Record<string, (pod: TestNetns, prevResult: JsonObject) => Promise<unknown>> = {
        plain: (pod, prevResult) => s.call("DEL", { ...conf, prevResult }, { pod }),
        "without prevResult": (pod) => s.call("DEL", conf, { pod }),
        "without anything": () => s.call("DEL", conf, { netns: "" }),
        "after ipMasq was taken out of the config": () => s.call("DEL", bridgeConf(s, {}, dual), { netns: "" }),
      };
      expect(await s.call("ADD", conf, { pod: s.pod(), containerId: "stays" })).toMatchObject({ exit: 0 });
      const one = ruleset(s.host);
      for (const [name, del] of Object.entries(states)) {
        const pod = s.pod();
        const { json } = await s.call("ADD", conf, { pod });
        expect(ruleset(s.host)).not.toBe(one);
        for (const _ of [1, 2])
          expect({ name, answer: await del(pod, json) }).toMatchObject({ answer: { exit: 0, stderr: "" } });
        expect({ name, seen: ruleset(s.host) }).toEqual({ name, seen: one });
      }
      expect(await s.call("DEL", conf, { netns: "", containerId: "stays" })).toMatchObject({ exit: 0 });
      expect(ruleset(s.host)).toBe(before);
    }));

  test("DEL of one pod leaves an address to the pod that has it now", () =>
    withStage(async (s) => {
      const conf = bridgeConf(s, masq);
      const { json } = await s.call("ADD", conf, { pod: s.pod(), containerId: "old" });
      s.host.sh(`rm ${s.dataDir}/net1/10.1.2.2; echo 10.1.2.1 > ${s.dataDir}/net1/last_reserved_ip.0`);
      expect(await s.call("ADD", conf, { pod: s.pod(), containerId: "new" })).toMatchObject({
        exit: 0,
        json: { ips: [{ address: "10.1.2.2/24" }] },
      });
      await s.call("DEL", { ...conf, prevResult: json }, { netns: "", containerId: "old" });
      expect(ruleset(s.host)).toContain('10.1.2.2 comment "podwire net1/new/eth0" : goto outside_10.1.2.0/24');
    }));

  test("GC leaves exactly those in the list, and other networks and tables alone", () =>
    withStage(async (s) => {
      const conf = bridgeConf(s, masq, dual);
      for (const containerId of ["a", "b", "c"]) await s.call("ADD", conf, { pod: s.pod(), containerId });
      const foreign = bridgeConf(s, { ...masq, name: "net2", bridge: "br1" }, ["10.5.0.0/24"]);
      await s.call("ADD", foreign, { pod: s.pod(), containerId: "a" });
      s.host.sh("nft add table inet theirs");
      const all = ruleset(s.host);
      const none = { ...conf };
      expect(await s.call("GC", none, {})).toMatchObject({ exit: 1 });
      expect(ruleset(s.host)).toBe(all);
      const valid = { "cni.dev/valid-attachments": [{ containerID: "b", ifname: "eth0" }] };
      expect(await s.call("GC", { ...conf, ...valid }, {})).toMatchObject({ exit: 0 });
      const left = [...ruleset(s.host).matchAll(/podwire (\w+\/\w)\/eth0/g)].map((m) => m[1]);
      expect(left.sort()).toEqual(["net1/b", "net1/b", "net2/a"]);
      expect(ruleset(s.host)).toContain("table inet theirs");
    }));
});

test("macspoofchk lets a pod send under its own MAC and under no other", () =>
  withStage(async (s) => {
    const [pod, other] = [s.pod(), s.pod()];
    for (const [i, p] of [pod, other].entries())
      expect(await s.call("ADD", bridgeConf(s, spoof), { pod: p, containerId: `c${i}` })).toMatchObject({ exit: 0 });
    other.sh(`nft 'add table inet t; add chain inet t in { type filter hook input priority 0; }
      add rule inet t in ip saddr 10.1.2.2 udp dport 9 counter comment "pod4"'`);
    const send = () =>
      pod.sh(
        "ip neigh replace 10.1.2.3 lladdr $MAC dev eth0; bash -c 'echo x >/dev/udp/10.1.2.3/9'".replace(
          "$MAC",
          other.ipJson<{ address: string }>("link show eth0")[0]!.address,
        ),
      );
    send();
    expect(counted(other, "pod4")).toBe(1);
    pod.sh("ip link set eth0 address 02:00:00:00:00:99");
    send();
    expect(counted(other, "pod4")).toBe(1);
    for (const i of [0, 1]) await s.call("DEL", bridgeConf(s, spoof), { netns: "", containerId: `c${i}` });
    expect(ruleset(s.host)).toBe("");
  }));

describe("CHECK passes after ADD and notices every rule and element that someone broke", () => {
  const breaks: Record<string, readonly string[]> = {
    ipMasq: [
      "nft delete table inet podwire_masquerade",
      "nft flush chain inet podwire_masquerade postrouting",
      "nft insert rule inet podwire_masquerade postrouting accept",
      "nft flush chain inet podwire_masquerade outside_10.1.2.0/24",
      "nft delete element inet podwire_masquerade pods4 '{ 10.1.2.2 }'",
      "nft delete element inet podwire_masquerade pods6 '{ fd00:1::2 }'",
      "nft 'delete element inet podwire_masquerade pods4 { 10.1.2.2 }; add element inet podwire_masquerade pods4 { 10.1.2.2 : accept }'",
    ],
    macspoofchk: [
      "nft delete table bridge podwire_macspoof",
      "nft flush chain bridge podwire_macspoof prerouting",
      "nft flush set bridge podwire_macspoof allowed",
      "nft flush set bridge podwire_macspoof guarded",
    ],
  };
  for (const [key, lines] of Object.entries(breaks))
    for (const line of lines)
      test(line, () =>
        withStage(async (s) => {
          const conf = bridgeConf(s, { isDefaultGateway: true, [key]: true }, dual);
          const pod = s.pod();
          const { json } = await s.call("ADD", conf, { pod });
          const check = () => s.call("CHECK", { ...conf, prevResult: json }, { pod });
          expect(await check()).toMatchObject({ exit: 0 });
          s.host.sh(line);
          const { exit, json: error } = await check();
          expect({ exit, msg: String(error.msg) }).toMatchObject({
            exit: 1,
            msg: expect.stringMatching(/podwire|pods[46]|MAC check/),
          });
          // The next ADD mends the table, whatever was done to it.
          expect(await s.call("ADD", conf, { pod: s.pod(), containerId: "next" })).toMatchObject({ exit: 0 });
        }),
      );
});

for (const [name, more] of Object.entries({ ipMasq: masq, macspoofchk: spoof }))
  test(`an ADD with ${name} whose n-th operation fails leaves everything as it was`, () =>
    withStage(async (s) => {
      s.host.sh("sysctl -qw net.ipv4.ip_forward=0");
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
        const { exit, json } = await s.call("ADD", bridgeConf(s, more, dual), { pod }, kernel);
        s.kernel.forget(pod.path);
        if (exit === 0) {
          expect(done.length).toBe(n - 1);
          break;
        }
        expect(String(json.msg)).toContain("as planned");
        expect({ n, op: done[n - 1], seen: look(pod) }).toEqual({ n, op: done[n - 1], seen: was });
      }
    }));

test("pods that come and go at once end with what is theirs, and with nothing when all are gone", () =>
  withStage(async (s) => {
    const conf = bridgeConf(s, masq, dual);
    const ids = Array.from({ length: 8 }, (_, i) => `pod${i}`);
    const add = await Promise.all(ids.map((containerId) => s.call("ADD", conf, { pod: s.pod(), containerId })));
    expect(add.map((a) => a.exit)).toEqual(ids.map(() => 0));
    expect([...ruleset(s.host).matchAll(/comment "podwire/g)].length).toBe(16);
    const del = await Promise.all(ids.map((containerId) => s.call("DEL", conf, { netns: "", containerId })));
    expect(del.map((a) => a.exit)).toEqual(ids.map(() => 0));
    expect(ruleset(s.host)).toBe("");
  }));
