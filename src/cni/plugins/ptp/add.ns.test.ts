/** ADD on a kernel, with our host-local; `ip -j` is the judge. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import type { JsonObject } from "../../../base/json-types.ts";
import { makeNetns, type TestNetns } from "../../../kernel/testing/netns.ts";
import { knock, refused } from "../../testing/beyond.ts";
import { countingKernel } from "../../testing/failing-kernel.ts";
import { givenIpam } from "../../testing/given-ipam.ts";
import { snapshot } from "../../testing/snapshot.ts";
import { withStage } from "../../testing/stage.ts";
import { defaults, dual, ptpConf } from "./testing/conf.ts";

// Each test starts dozens of processes: on a busy machine that is slow, not wrong.
setDefaultTimeout(60_000);

type IpRow = Record<string, unknown>;

test("the result tells what ip shows: links, MACs, MTUs, addresses, routes", () =>
  withStage(async (s) => {
    const pod = s.pod();
    const { json } = await s.call("ADD", ptpConf(s, { mtu: 1400 }, dual, defaults), { pod });
    const shown = [...s.host.ipJson<IpRow>("link"), ...pod.ipJson<IpRow>("link")];
    const interfaces = json.interfaces as { name: string; mac: string; mtu: number; sandbox?: string }[];
    expect(interfaces.map((i) => [i.name.slice(0, 4), i.sandbox, i.mtu])).toEqual([
      ["veth", undefined, 1400],
      ["eth0", pod.path, 1400],
    ]);
    for (const i of interfaces)
      expect(shown.find((l) => l.ifname === i.name)).toMatchObject({ address: i.mac, mtu: i.mtu });
    expect(json.ips).toEqual([
      { address: "10.1.2.2/24", gateway: "10.1.2.1", interface: 1 },
      { address: "fd00:1::2/64", gateway: "fd00:1::1", interface: 1 },
    ]);
    expect(json.routes).toEqual([{ dst: "0.0.0.0/0" }, { dst: "::/0" }]);
    const veth = interfaces[0]?.name;
    expect(pod.ipJson<IpRow>("-4 route")).toMatchObject([
      { dst: "default", gateway: "10.1.2.1" },
      { dst: "10.1.2.0/24", gateway: "10.1.2.1", prefsrc: "10.1.2.2" },
      { dst: "10.1.2.1", scope: "link", prefsrc: "10.1.2.2" },
    ]);
    expect(s.host.ipJson<IpRow>("-4 route")).toMatchObject([{ dst: "10.1.2.2", dev: veth, scope: "host" }]);
    expect(s.host.ipJson<IpRow>(`link show ${veth}`)).toMatchObject([{ ifalias: "podwire net1/pod1/eth0" }]);
    expect(s.host.sh(`cat /proc/sys/net/ipv6/conf/${veth}/accept_ra`)).toBe("0\n");
  }));

test("IPv6 addresses are usable at once, on both ends", () =>
  withStage(async (s) => {
    const pod = s.pod();
    expect(await s.call("ADD", ptpConf(s, {}, ["fd00:1::/64"]), { pod })).toMatchObject({ exit: 0 });
    const tentative = [pod, s.host].flatMap((ns) =>
      ns.ipJson<{ local: string }>("-6 addr show tentative").filter((a) => JSON.stringify(a).includes("fd00:")),
    );
    expect(tentative).toEqual([]);
  }));

/** What an IPAM plugin other than host-local may give. */
const given: Record<string, JsonObject> = {
  "a gateway outside the subnet": {
    ips: [{ address: "10.1.2.2/24", gateway: "169.254.1.1" }],
    routes: [{ dst: "0.0.0.0/0" }, { dst: "10.1.2.0/24" }],
  },
  "an address that is its whole subnet": {
    ips: [{ address: "10.1.2.2/32", gateway: "10.1.2.1" }],
    routes: [{ dst: "0.0.0.0/0" }],
  },
  "an IPv6 address that is its whole subnet": {
    ips: [{ address: "fd00:1::2/128", gateway: "fd00:1::1" }],
    routes: [{ dst: "::/0" }, { dst: "fd00:1::1/128", scope: 253 }],
  },
  "two addresses of one subnet": {
    ips: ["10.1.2.2/24", "10.1.2.3/24"].map((address) => ({ address, gateway: "10.1.2.1" })),
  },
  "two IPv6 addresses of one subnet": {
    ips: ["fd00:1::2/64", "fd00:1::3/64"].map((address) => ({ address, gateway: "fd00:1::1" })),
    routes: [{ dst: "fd00:1::/64" }],
  },
  "a subnet of two": { ips: [{ address: "10.1.2.2/31", gateway: "10.1.2.3" }] },
};

for (const [name, result] of Object.entries(given))
  test(`${name} will do, and the pod reaches its gateway`, () =>
    withStage(
      async (s) => {
        using ipam = givenIpam(result);
        const conf = ptpConf(s, { ipam: { type: "given" } });
        const call = { pod: s.pod(), path: ipam.path };
        const { exit, json } = await s.call("ADD", conf, call);
        expect({ exit, json }).toMatchObject({ exit: 0 });
        expect(await s.call("CHECK", { ...conf, prevResult: json }, call)).toEqual({ exit: 0, json: {}, stderr: "" });
        const [ip] = json.ips as { gateway: string }[];
        expect(knock(call.pod, String(ip?.gateway))).toMatch(refused);
        expect(await s.call("DEL", { ...conf, prevResult: json }, call)).toMatchObject({ exit: 0 });
      },
      { foreign: true },
    ));

test("an address without a gateway is refused, and nothing stays", () =>
  withStage(
    async (s) => {
      using ipam = givenIpam({ ips: [{ address: "10.1.2.2/24" }] });
      const pod = s.pod();
      const was = [snapshot(s.host), snapshot(pod)];
      const conf = ptpConf(s, { ipam: { type: "given" } });
      const { exit, json } = await s.call("ADD", conf, { pod, path: ipam.path });
      expect({ exit, code: json.code }).toEqual({ exit: 1, code: 7 });
      expect([snapshot(s.host), snapshot(pod)]).toEqual(was);
    },
    { foreign: true },
  ));

describe("what cannot be is refused, and nothing stays", () => {
  const isRefused = (before: string, said: RegExp, fix: RegExp, code: number, more: object = {}, inPod = "") =>
    withStage(async (s) => {
      const pod = s.pod();
      if (before) s.host.sh(before);
      if (inPod) pod.sh(inPod);
      const was = [snapshot(s.host), snapshot(pod), s.store()];
      const { exit, json } = await s.call("ADD", ptpConf(s, { ...more }), { pod });
      expect({ exit, code: json.code }).toEqual({ exit: 1, code });
      expect(String(json.msg)).toMatch(said);
      expect(String(json.details)).toMatch(fix);
      expect([snapshot(s.host), snapshot(pod), s.store()]).toEqual(was);
    });

  test("an interface name that the pod has", () =>
    isRefused("", /interface eth0 in .* is there already/, /CNI_IFNAME/, 102, {}, "ip link add eth0 type veth"));
  test("a host that leads the pod's address elsewhere", () =>
    isRefused(
      "ip link add other type veth; ip link set other up; ip route add 10.1.2.2/32 dev other",
      /route to 10\.1\.2\.2\/32 on this host: leads to other already/,
      /^ip route del 10\.1\.2\.2\/32 dev other/,
      102,
    ));
  test("a host that leads the pod's IPv6 address elsewhere", () =>
    isRefused(
      "ip link add other type veth; ip link set other up; ip route add fd00:1::2/128 dev other",
      /route to fd00:1::2\/128 on this host: leads to other already/,
      /^ip -6 route del fd00:1::2\/128 dev other/,
      102,
    ));
  test("IPv6 switched off for new links", () =>
    isRefused(
      "sysctl -qw net.ipv6.conf.default.disable_ipv6=1",
      /disable_ipv6: is 1, should be 0/,
      /^sysctl -w net\.ipv6\.conf\.default\.disable_ipv6=0$/,
      104,
    ));
  test("an IPAM plugin without an address left", () =>
    withStage(async (s) => {
      const conf = ptpConf(s, {}, ["10.1.2.0/30"]);
      await s.call("ADD", conf, { pod: s.pod(), containerId: "first" });
      const pod = s.pod();
      const was = [snapshot(s.host), snapshot(pod), s.store()];
      expect(await s.call("ADD", conf, { pod, containerId: "second" })).toMatchObject({ exit: 1, json: { code: 100 } });
      expect([snapshot(s.host), snapshot(pod), s.store()]).toEqual(was);
    }));
});

test("the line that an error ends with mends it", () =>
  withStage(async (s) => {
    s.host.sh("ip link add other type veth; ip link set other up; ip route add 10.1.2.2/32 dev other");
    const call = { pod: s.pod() };
    const { json } = await s.call("ADD", ptpConf(s), call);
    s.host.sh(String(json.details));
    expect(await s.call("ADD", ptpConf(s), call)).toMatchObject({ exit: 0 });
  }));

test("a host whose new links do not forward forwards for the pod", () =>
  withStage(async (s) => {
    s.host.sh("sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.default.forwarding=0");
    const { json } = await s.call("ADD", ptpConf(s), { pod: s.pod() });
    const veth = (json.interfaces as { name: string }[])[0]?.name;
    expect(s.host.sh(`cat /proc/sys/net/ipv4/conf/${veth}/forwarding`)).toBe("1\n");
  }));

test("a container takes a second interface of the network, and each goes without the other", () =>
  withStage(async (s) => {
    const pod = s.pod();
    const conf = ptpConf(s, {}, dual, defaults);
    const first = await s.call("ADD", conf, { pod });
    const before = snapshot(pod);
    const second = await s.call("ADD", conf, { pod, ifname: "eth1" });
    expect(second).toMatchObject({ exit: 0 });
    const results = { eth0: first.json, eth1: second.json };
    const checks = async (ifname: "eth0" | "eth1") =>
      expect(await s.call("CHECK", { ...conf, prevResult: results[ifname] }, { pod, ifname })).toMatchObject({
        exit: 0,
      });
    await checks("eth0");
    await checks("eth1");
    expect(pod.ipJson<IpRow>("-4 route show 10.1.2.0/24")).toMatchObject([{ dev: "eth0" }, { dev: "eth1" }]);
    for (const to of ["10.1.2.2", "10.1.2.3", "fd00:1::2", "fd00:1::3"]) expect(knock(s.host, to)).toMatch(refused);
    expect(await s.call("DEL", { ...conf, prevResult: second.json }, { pod, ifname: "eth1" })).toMatchObject({
      exit: 0,
    });
    expect(snapshot(pod)).toEqual(before);
    await checks("eth0");
    const again = await s.call("ADD", conf, { pod, ifname: "eth1" });
    results.eth1 = again.json;
    expect(await s.call("DEL", { ...conf, prevResult: first.json }, { pod })).toMatchObject({ exit: 0 });
    await checks("eth1");
    expect(Object.values(s.store())).toEqual(["pod1\r\neth1", "pod1\r\neth1"]);
  }));

test("pods that come at once all get in", () =>
  withStage(async (s) => {
    const pods = Array.from({ length: 8 }, () => s.pod());
    const all = await Promise.all(pods.map((pod, i) => s.call("ADD", ptpConf(s), { pod, containerId: `pod${i}` })));
    expect(all.map((a) => a.exit)).toEqual(pods.map(() => 0));
    expect(s.host.ipJson("-4 route").length).toBe(8);
  }));

test("an ADD that fails late leaves forwarding to the pod that has come meanwhile", () =>
  withStage(async (s) => {
    const conf = ptpConf(s);
    const whole = countingKernel(s.kernel);
    await s.call("ADD", conf, { pod: s.pod() }, whole.kernel);
    await s.call("DEL", conf, { netns: "" });
    s.host.sh("sysctl -qw net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0");
    const joins = () => void s.host.sh("ip link add other type veth; ip link set other alias 'podwire net2/x/eth0'");
    const last = countingKernel(s.kernel, whole.done.length, "fails", joins);
    expect(await s.call("ADD", conf, { pod: s.pod() }, last.kernel)).toMatchObject({ exit: 1 });
    expect(s.host.sh("cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv6/conf/all/forwarding")).toBe("1\n1\n");
  }));

test("an ADD whose n-th operation fails leaves everything as it was", () =>
  withStage(async (s) => {
    const sysctls = ["net/ipv4/ip_forward", "net/ipv6/conf/all/forwarding", "net/ipv6/conf/default/accept_ra"];
    const look = (pod: TestNetns) => [snapshot(s.host, sysctls), snapshot(pod), s.store()];
    const was = look(s.pod());
    const conf = ptpConf(s, { mtu: 1400 }, dual, defaults);
    for (let n = 1; ; n++) {
      using pod = makeNetns();
      const { kernel, done } = countingKernel(s.kernel, n);
      const { exit, json } = await s.call("ADD", conf, { pod }, kernel);
      s.kernel.forget(pod.path);
      if (exit === 0) {
        // The whole ADD was shorter than n: every one of its operations has failed once.
        expect(done.length).toBe(n - 1);
        break;
      }
      expect(String(json.msg)).toContain("as planned");
      expect({ n, op: done[n - 1], seen: look(pod) }).toEqual({ n, op: done[n - 1], seen: was });
    }
  }));
