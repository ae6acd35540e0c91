/** The reference's tuning and ours: the same result, the same link, the same file; and each undoes the other's work. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import type { JsonObject } from "../../../base/json-types.ts";
import type { TestNetns } from "../../../kernel/testing/netns.ts";
import { snapshot } from "../../../kernel/testing/snapshot.ts";
import { type Answer, type Call, referenceDir, type Stage, withStage } from "../../testing/stage.ts";
import { attributes, filesOf, otherMac, podMac, podWithLink, sysctl, tuningConf, untouched } from "./testing/pod.ts";

// Each test starts dozens of processes: on a busy machine that is slow, not wrong.
setDefaultTimeout(60_000);

interface Case {
  readonly conf?: JsonObject;
  readonly call?: Call;
  /** Line of sh, run in the pod before. */
  readonly before?: string;
  /** The reference's CHECK knew no IFNAME before 1.2.0, and CNI 0.3.1 had none. */
  readonly unchecked?: true;
}

const third = "02:42:ac:11:00:03";
const [runtimeConfig, args] = [{ mac: otherMac }, { cni: { mac: otherMac } }];
const sysctls = {
  "net.ipv4.conf.eth0.arp_notify": "1",
  "net/ipv4/ip_forward": "1",
  "net.ipv4.ip_local_port_range": "20000\t30000",
};
const v031 = {
  cniVersion: "0.3.1",
  prevResult: {
    cniVersion: "0.3.1",
    interfaces: [{ name: "eth0", mac: podMac, sandbox: "/x" }],
    ips: [{ version: "4", address: "10.1.2.3/24", interface: 0 }],
  },
};

const cases: Record<string, Case> = {
  nothing: {},
  mac: { conf: { mac: otherMac } },
  "mac by runtimeConfig": { conf: { mac: third, runtimeConfig } },
  "mac by runtimeConfig, over CNI_ARGS": { conf: { runtimeConfig }, call: { args: `MAC=${third}` } },
  "mac by args, over runtimeConfig": { conf: { mac: third, args, runtimeConfig: { mac: third } } },
  "mac by CNI_ARGS": { conf: { mac: third }, call: { args: `IgnoreUnknown=1;MAC=${otherMac};K8S_POD_NAME=web` } },
  "mac that it has already": { conf: { mac: podMac } },
  mtu: { conf: { mtu: 1400 } },
  "mtu by args": { conf: { mtu: 1300, args: { cni: { mtu: 1400 } } } },
  "mtu that args takes away": { conf: { mtu: 1300, args: { cni: { mtu: 0 } } } },
  promisc: { conf: { promisc: true } },
  "promisc false": { conf: { promisc: false } },
  "promisc by args": { conf: { args: { cni: { promisc: true } } } },
  allmulti: { conf: { allmulti: true } },
  "allmulti false": { conf: { allmulti: false }, before: "ip link set eth0 allmulticast on" },
  "allmulti by args": { conf: { allmulti: false, args: { cni: { allmulti: true } } } },
  "all of the link": { conf: { mac: otherMac, mtu: 1400, promisc: true, allmulti: true } },
  sysctl: { conf: { sysctl: sysctls } },
  "sysctl by IFNAME": { conf: { sysctl: { "net.ipv4.conf.IFNAME.arp_notify": "1" } }, unchecked: true },
  "sysctl, args over the config": {
    conf: { sysctl: sysctls, args: { cni: { sysctl: { "net/ipv4/ip_forward": "0" } } } },
  },
  "all of it": { conf: { mac: otherMac, mtu: 1400, promisc: true, allmulti: true, sysctl: sysctls } },
  "CNI 0.3.1": { conf: { ...v031, mac: otherMac }, unchecked: true },
  "CNI 0.4.0": { conf: { ...v031, cniVersion: "0.4.0", mac: otherMac, mtu: 1400 } },
};

const names = ["net/ipv4/conf/eth0/arp_notify", "net/ipv4/ip_forward", "net/ipv4/ip_local_port_range"];

type Ask = (verb: string, conf: JsonObject, call: Call) => Promise<Answer>;
const ours = (s: Stage): Ask => s.call;
const theirs =
  (s: Stage): Ask =>
  async (verb, conf, call) =>
    s.reference(verb, conf, call);

/** The files without what only ours have. Sysctls alone are no reason for the reference to write one. */
const files = (s: Stage): unknown =>
  Object.fromEntries(
    Object.entries(filesOf(s) as Record<string, JsonObject>)
      .map(([name, { podwire: _, ...rest }]) => [name, rest] as const)
      .filter(([, rest]) => Object.keys(rest).length > 0),
  );

const told = (a: Answer, pod: TestNetns): unknown => JSON.parse(JSON.stringify(a.json).replaceAll(pod.path, "POD"));

const set = async (s: Stage, c: Case, ask: Ask) => {
  const pod = podWithLink(s);
  if (c.before) pod.sh(c.before);
  const conf = tuningConf(s, pod, c.conf);
  const added = await ask("ADD", conf, { ...c.call, pod });
  expect(added).toMatchObject({ exit: 0 });
  return { pod, call: { ...c.call, pod }, asked: { ...conf, prevResult: added.json }, added };
};

/** ADD, CHECK, DEL by one of the two, and what was to be seen after each. */
const play = async (c: Case, player: (s: Stage) => Ask): Promise<unknown[]> => {
  const seen: unknown[] = [];
  await withStage(async (s) => {
    const ask = player(s);
    const { pod, call, asked, added } = await set(s, c, ask);
    seen.push(told(added, pod), snapshot(pod, names), attributes(pod), files(s));
    if (!c.unchecked) expect(await ask("CHECK", asked, call)).toMatchObject({ exit: 0 });
    expect(await ask("DEL", asked, call)).toMatchObject({ exit: 0 });
    seen.push(attributes(pod), filesOf(s));
  });
  return seen;
};

describe("the reference's tuning and ours leave the same behind", () => {
  for (const [name, c] of Object.entries(cases))
    test(name, async () => {
      expect(await play(c, ours)).toEqual(await play(c, theirs));
    });
});

const whole: Case = { conf: { mac: otherMac, mtu: 1400, promisc: true, allmulti: true, sysctl: sysctls } };

test("what the reference has set is checked and put back by ours", () =>
  withStage(async (s) => {
    const { pod, call, asked } = await set(s, whole, theirs(s));
    expect(await s.call("CHECK", asked, call)).toEqual({ exit: 0, json: {}, stderr: "" });
    // Whose it is cannot be told.
    const gc = { ...asked, cniVersion: "1.1.0", "cni.dev/valid-attachments": [] };
    expect(await s.call("GC", gc, call)).toMatchObject({ exit: 0 });
    expect(Object.keys(filesOf(s))).toEqual(["pod1_eth0.json"]);
    expect(await s.call("DEL", asked, call)).toEqual({ exit: 0, json: {}, stderr: "" });
    expect([attributes(pod), filesOf(s)]).toEqual([untouched, {}]);
  }));

test("what ours has set is checked and put back by the reference, which forgets the sysctls", () =>
  withStage(async (s) => {
    const { pod, call, asked } = await set(s, whole, ours(s));
    expect(s.reference("CHECK", asked, call)).toMatchObject({ exit: 0 });
    expect(s.reference("DEL", asked, call)).toMatchObject({ exit: 0 });
    expect([attributes(pod), filesOf(s)]).toEqual([untouched, {}]);
    expect(sysctl(pod, "net/ipv4/ip_forward")).toBe("1");
  }));

describe("txQLen, which the reference has since 1.4.0", () => {
  const known = readFileSync(`${referenceDir}/tuning`).includes("txQLen");
  const since = known ? test : test.skip;
  since(
    `is the same by both${known ? "" : " [no reference of 1.4.0: needs a newer containernetworking-plugins]"}`,
    async () => {
      for (const conf of [{ txQLen: 77 }, { txQLen: 0 }, { txQLen: 5, args: { cni: { txQLen: 6 } } }])
        expect(await play({ conf }, ours)).toEqual(await play({ conf }, theirs));
    },
  );
});
