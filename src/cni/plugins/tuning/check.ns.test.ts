/** CHECK on a kernel: quiet on what ADD made, and a difference for every single thing that is then broken. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { rmSync, writeFileSync } from "node:fs";
import type { JsonObject } from "../../../base/json-types.ts";
import type { TestNetns } from "../../../kernel/testing/netns.ts";
import { type Stage, withStage } from "../../testing/stage.ts";
import { folderOf, otherMac, podWithLink, tuningConf } from "./testing/pod.ts";

// Each test starts dozens of processes: on a busy machine that is slow, not wrong.
setDefaultTimeout(60_000);

const everything: JsonObject = {
  cniVersion: "1.1.0",
  mac: otherMac,
  mtu: 1400,
  promisc: true,
  allmulti: true,
  txQLen: 77,
  sysctl: { "net.ipv4.conf.IFNAME.arp_notify": "1", "net.ipv4.ip_local_port_range": "20000 30000" },
};

const added = async (s: Stage): Promise<{ pod: TestNetns; asked: JsonObject }> => {
  const pod = podWithLink(s);
  const conf = tuningConf(s, pod, everything);
  const asked = { ...conf, prevResult: (await s.call("ADD", conf, { pod })).json };
  expect(await s.call("CHECK", asked, { pod })).toEqual({ exit: 0, json: {}, stderr: "" });
  return { pod, asked };
};

/** What breaks it (sh in the pod), what CHECK has to say, and whether its line mends it. */
const mutations: readonly (readonly [line: string, said: string, mends?: boolean])[] = [
  ["ip link set eth0 address 02:00:00:00:00:97", `MAC of eth0 in the pod: is 02:00:00:00:00:97, should be ${otherMac}`],
  ["ip link set eth0 mtu 1300", "mtu of eth0 in the pod: is 1300, should be 1400"],
  ["ip link set eth0 promisc off", "promisc of eth0 in the pod: is off, should be on"],
  ["ip link set eth0 allmulticast off", "allmulticast of eth0 in the pod: is off, should be on"],
  ["ip link set eth0 txqueuelen 0", "txqueuelen of eth0 in the pod: is 0, should be 77"],
  ["echo 0 > /proc/sys/net/ipv4/conf/eth0/arp_notify", "net.ipv4.conf.eth0.arp_notify: is 0, should be 1"],
  [
    "echo 20000 30001 > /proc/sys/net/ipv4/ip_local_port_range",
    "net.ipv4.ip_local_port_range: is 20000 30001, should be 20000 30000",
  ],
  ["ip link del eth0", "sysctl net.ipv4.conf.eth0.arp_notify", false],
  ["ip link set eth0 down; ip link set eth0 name web0", "eth0 in ", false],
];

describe("CHECK notices", () => {
  for (const [line, said, mends = true] of mutations)
    test(line, () =>
      withStage(async (s) => {
        const { pod, asked } = await added(s);
        pod.sh(line);
        const { exit, json } = await s.call("CHECK", asked, { pod });
        expect(exit).toBe(1);
        expect(String(json.msg)).toContain(said);
        if (!mends) return;
        expect(json.code).toBe(104);
        s.host.sh(String(json.details));
        expect(await s.call("CHECK", asked, { pod })).toMatchObject({ exit: 0 });
      }),
    );

  test("all differences at once", () =>
    withStage(async (s) => {
      const { pod, asked } = await added(s);
      pod.sh("ip link set eth0 mtu 1300 promisc off; echo 0 > /proc/sys/net/ipv4/conf/eth0/arp_notify");
      rmSync(folderOf(s), { recursive: true });
      const { msg } = (await s.call("CHECK", asked, { pod })).json;
      for (const said of [/mtu of eth0/, /promisc of eth0/, /arp_notify: is 0/, /pod1_eth0\.json, by which DEL/])
        expect(String(msg)).toMatch(said);
    }));

  const files: Record<string, readonly [text: string | undefined, said: RegExp]> = {
    "that its file is gone": [undefined, /pod1_eth0\.json, by which DEL puts the former values back: is gone/],
    "that its file is damaged": ['{ "mtu": 15', /pod1_eth0\.json: is damaged/],
    "that its file is another network's": ['{"podwire":{"network":"net2"}}', /is of network net2, should be of/],
  };
  for (const [name, [text, said]] of Object.entries(files))
    test(name, () =>
      withStage(async (s) => {
        const { pod, asked } = await added(s);
        const path = `${folderOf(s)}/pod1_eth0.json`;
        if (text === undefined) rmSync(path);
        else writeFileSync(path, text);
        expect(String((await s.call("CHECK", asked, { pod })).json.msg)).toMatch(said);
      }),
    );
});

test("CHECK needs a prevResult, and says so", () =>
  withStage(async (s) => {
    const pod = podWithLink(s);
    const conf = tuningConf(s, pod, { ...everything, prevResult: null });
    expect(await s.call("CHECK", conf, { pod })).toMatchObject({ exit: 1, json: { code: 7 } });
  }));

test("CHECK lets be what was never set, and what a later plugin has set", () =>
  withStage(async (s) => {
    const pod = podWithLink(s);
    const conf = tuningConf(s, pod, { mac: otherMac, cniVersion: "1.1.0" });
    const { json } = await s.call("ADD", conf, { pod });
    pod.sh("ip link set eth0 mtu 1300 promisc on allmulticast on txqueuelen 5");
    expect(await s.call("CHECK", { ...conf, prevResult: json }, { pod })).toMatchObject({ exit: 0 });
    const later = "02:42:AC:11:00:FF";
    pod.ip(`link set eth0 address ${later}`);
    expect(await s.call("CHECK", { ...conf, prevResult: json }, { pod })).toMatchObject({ exit: 1 });
    const interfaces = [{ name: "eth0", mac: later, sandbox: pod.path }];
    expect(await s.call("CHECK", { ...conf, prevResult: { ...json, interfaces } }, { pod })).toMatchObject({ exit: 0 });
  }));

test("CHECK of what the reference set: there are no files for sysctls alone", () =>
  withStage(async (s) => {
    const pod = podWithLink(s);
    const conf = tuningConf(s, pod, { sysctl: { "net.ipv4.conf.eth0.arp_notify": "1" } });
    pod.sh("echo 1 > /proc/sys/net/ipv4/conf/eth0/arp_notify");
    expect(await s.call("CHECK", conf, { pod })).toMatchObject({ exit: 0 });
  }));
