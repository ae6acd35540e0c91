/** ADD on a kernel: `ip` and /proc/sys are the judges. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import type { JsonObject } from "../../../base/json-types.ts";
import type { TestNetns } from "../../../kernel/testing/netns.ts";
import { snapshot } from "../../../kernel/testing/snapshot.ts";
import { countingKernel } from "../../testing/failing-kernel.ts";
import { withStage } from "../../testing/stage.ts";
import { attributes, filesOf, otherMac, podMac, podWithLink, sysctl, tuningConf, untouched } from "./testing/pod.ts";

// Each test starts dozens of processes: on a busy machine that is slow, not wrong.
setDefaultTimeout(60_000);

const notify = "net/ipv4/conf/eth0/arp_notify";
const everything: JsonObject = {
  mac: otherMac,
  mtu: 1400,
  promisc: true,
  allmulti: true,
  txQLen: 77,
  sysctl: {
    "net.ipv4.conf.IFNAME.arp_notify": "1",
    "net/ipv6/conf/IFNAME/disable_ipv6": "1",
    "net.ipv4.ip_forward": "1",
  },
};

test("every attribute and sysctl is set, the result tells MAC and MTU, the file what was before", () =>
  withStage(async (s) => {
    const pod = podWithLink(s);
    const conf = tuningConf(s, pod, { ...everything, cniVersion: "1.1.0" });
    const prev = conf.prevResult as { interfaces: JsonObject[] };
    const { exit, json, stderr } = await s.call("ADD", conf, { pod });
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
    expect(json).toEqual({
      ...prev,
      cniVersion: "1.1.0",
      interfaces: [prev.interfaces[0]!, { name: "eth0", mac: otherMac, mtu: 1400, sandbox: pod.path }],
    });
    expect(attributes(pod)).toEqual({ mac: otherMac, mtu: 1400, txqlen: 77, promisc: true, allmulti: true });
    expect(sysctl(pod, notify)).toBe("1");
    expect(sysctl(pod, "net/ipv4/ip_forward")).toBe("1");
    expect(sysctl(pod, "net/ipv6/conf/eth0/disable_ipv6")).toBe("1");
    expect(filesOf(s)).toEqual({
      "pod1_eth0.json": {
        mac: podMac,
        promisc: false,
        mtu: 1500,
        allmulti: false,
        txQLen: 1000,
        podwire: {
          network: "net1",
          netns: pod.path,
          sysctls: { [notify]: "0", "net/ipv4/ip_forward": "0", "net/ipv6/conf/eth0/disable_ipv6": "0" },
        },
      },
    });
    expect(await s.call("CHECK", { ...conf, prevResult: json }, { pod })).toEqual({ exit: 0, json: {}, stderr: "" });
    expect(await s.call("DEL", { ...conf, prevResult: json }, { pod })).toEqual({ exit: 0, json: {}, stderr: "" });
    expect(attributes(pod)).toEqual(untouched);
    expect([notify, "net/ipv4/ip_forward", "net/ipv6/conf/eth0/disable_ipv6"].map((n) => sysctl(pod, n))).toEqual([
      "0",
      "0",
      "0",
    ]);
    expect(filesOf(s)).toEqual({});
  }));

test("without keys of its own the result passes through, and there is no file", () =>
  withStage(async (s) => {
    const pod = podWithLink(s);
    const conf = tuningConf(s, pod);
    expect((await s.call("ADD", conf, { pod })).json).toEqual(conf.prevResult as JsonObject);
    expect([attributes(pod), filesOf(s)]).toEqual([untouched, {}]);
  }));

test("false is set, too, where the reference sets it; promisc false leaves it alone", () =>
  withStage(async (s) => {
    const pod = podWithLink(s);
    pod.ip("link set eth0 promisc on allmulticast on");
    const conf = tuningConf(s, pod, { promisc: false, allmulti: false, txQLen: 0 });
    const { json } = await s.call("ADD", conf, { pod });
    expect(attributes(pod)).toEqual({ ...untouched, promisc: true, txqlen: 0 });
    expect(await s.call("CHECK", { ...conf, prevResult: json }, { pod })).toMatchObject({ exit: 0 });
    await s.call("DEL", conf, { pod });
    expect(attributes(pod)).toEqual({ ...untouched, promisc: true, allmulti: true });
  }));

test("an interface with a dot in its name", () =>
  withStage(async (s) => {
    const pod = podWithLink(s, "eth0.7");
    const conf = tuningConf(s, pod, { sysctl: { "net.ipv4.conf.IFNAME.arp_notify": "1" } });
    expect(await s.call("ADD", conf, { pod, ifname: "eth0.7" })).toMatchObject({ exit: 0 });
    expect(sysctl(pod, "net/ipv4/conf/eth0.7/arp_notify")).toBe("1");
  }));

test("values in the kernel's own spelling, and sysctls that cannot be read, do not trouble CHECK and DEL", () =>
  withStage(async (s) => {
    const pod = podWithLink(s);
    const values = {
      "net.ipv4.ip_local_reserved_ports": "80,82,81",
      "net.ipv4.ip_local_port_range": " 20000   30000 ",
      "net.ipv4.conf.IFNAME.rp_filter": "0x2",
      "net.ipv6.conf.IFNAME.stable_secret": "2001:db8::1",
      "net.ipv4.route.flush": "1",
    };
    const conf = tuningConf(s, pod, { sysctl: values });
    const { json } = await s.call("ADD", conf, { pod });
    expect(sysctl(pod, "net/ipv4/ip_local_reserved_ports")).toBe("80-82");
    const asked = { ...conf, prevResult: json };
    expect(await s.call("CHECK", asked, { pod })).toMatchObject({ exit: 0, json: {} });
    pod.sh("echo 80-83 > /proc/sys/net/ipv4/ip_local_reserved_ports");
    expect((await s.call("CHECK", asked, { pod })).json.msg).toBe(
      "net.ipv4.ip_local_reserved_ports: is 80-83, should be 80-82",
    );
    expect(await s.call("DEL", asked, { pod })).toEqual({ exit: 0, json: {}, stderr: "" });
    expect(sysctl(pod, "net/ipv4/ip_local_reserved_ports")).toBe("");
    expect(sysctl(pod, "net/ipv4/ip_local_port_range")).toBe("32768\t60999");
    expect(filesOf(s)).toEqual({});
  }));

describe("refused, and nothing is touched", () => {
  const cases: readonly (readonly [more: JsonObject, code: number, why: RegExp, ifname?: string])[] = [
    [{ prevResult: null, mtu: 1400 }, 7, /prevResult: ADD works on it, and there is none/],
    [{ mtu: 1400 }, 103, /link eth9: there is no such device/, "eth9"],
    [{ mtu: 1400, sysctl: { "net.ipv4.nonsense": "1" } }, 103, /sysctl net\/ipv4\/nonsense: there is none/],
    [{ mtu: 1400, sysctl: { "net.bridge.nonsense": "1" } }, 103, /sysctl net\/bridge\/nonsense/],
    [{ mtu: 1400, sysctl: { "net.ipv4.ip_forward": "many" } }, 5, /set sysctl to many: .*ip_forward/],
    [{ promisc: true, mtu: 65535, txQLen: 9, mac: otherMac, sysctl: { "net.core.somaxconn": "-7" } }, 5, /somaxconn/],
  ];
  for (const [more, code, why, ifname] of cases)
    test(String(why), () =>
      withStage(async (s) => {
        const pod = podWithLink(s);
        const was = [snapshot(pod, ["net/ipv4/ip_forward"]), attributes(pod)];
        const { exit, json } = await s.call("ADD", tuningConf(s, pod, more), { pod, ...(ifname && { ifname }) });
        expect({ exit, code: json.code }).toEqual({ exit: 1, code });
        expect(String(json.msg)).toMatch(why);
        expect([snapshot(pod, ["net/ipv4/ip_forward"]), attributes(pod)]).toEqual(was);
        expect(filesOf(s)).toEqual({});
      }),
    );

  test("an MTU below that of IPv6, when the pod has such an address", () =>
    withStage(async (s) => {
      const pod = podWithLink(s);
      const conf = tuningConf(s, pod, { mtu: 1000 });
      const v6 = { ...(conf.prevResult as JsonObject), ips: [{ address: "fd00::3/64", interface: 1 }] };
      const { json } = await s.call("ADD", { ...conf, prevResult: v6 }, { pod });
      expect(json).toMatchObject({ code: 7, msg: expect.stringContaining("eth0 would lose its address fd00::3/64") });
      expect(await s.call("ADD", conf, { pod })).toMatchObject({ exit: 0 });
    }));
});

test("an ADD whose n-th operation fails leaves everything as it was", () =>
  withStage(async (s) => {
    const pod = podWithLink(s);
    const conf = tuningConf(s, pod, {
      ...everything,
      sysctl: { "net.ipv4.conf.IFNAME.arp_notify": "1", "net.ipv4.ip_local_reserved_ports": "80,81" },
    });
    const sysctls = [notify, "net/ipv4/ip_local_reserved_ports"];
    const look = (p: TestNetns) => [snapshot(p, sysctls), attributes(p), filesOf(s)];
    const was = look(pod);
    for (let n = 1; ; n++) {
      const { kernel, done } = countingKernel(s.kernel, n);
      const { exit, json } = await s.call("ADD", conf, { pod }, kernel);
      if (exit === 0) {
        // The whole ADD was shorter than n: every one of its operations has failed once.
        expect(done.length).toBe(n - 1);
        expect(n).toBeGreaterThan(12);
        break;
      }
      expect(String(json.msg)).toContain("as planned");
      expect({ n, op: done[n - 1], seen: look(pod) }).toEqual({ n, op: done[n - 1], seen: was });
    }
  }));

test("two of one chain: the first values come back, and each CHECK is content with the last ones", () =>
  withStage(async (s) => {
    const pod = podWithLink(s);
    const first = tuningConf(s, pod, { mac: otherMac, mtu: 1400, sysctl: { "net.ipv4.conf.IFNAME.arp_notify": "1" } });
    const second = { mac: "02:42:ac:11:00:03", txQLen: 5, sysctl: { "net/ipv4/conf/eth0/arp_notify": "0" } };
    const one = await s.call("ADD", first, { pod });
    const two = await s.call("ADD", { ...tuningConf(s, pod, second), prevResult: one.json }, { pod });
    expect(attributes(pod)).toEqual({ ...untouched, mac: second.mac, mtu: 1400, txqlen: 5 });
    const asked = [
      { ...tuningConf(s, pod, second), prevResult: two.json },
      { ...first, prevResult: two.json },
    ];
    for (const conf of asked) expect(await s.call("CHECK", conf, { pod })).toEqual({ exit: 0, json: {}, stderr: "" });
    for (const conf of asked) expect(await s.call("DEL", conf, { pod })).toEqual({ exit: 0, json: {}, stderr: "" });
    expect([attributes(pod), sysctl(pod, notify), filesOf(s)]).toEqual([untouched, "0", {}]);
  }));
