/** ADD on a kernel, with our host-local; `ip -j` is the judge. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { makeNetns, type TestNetns } from "../../../kernel/testing/netns.ts";
import { countingKernel } from "../../testing/failing-kernel.ts";
import { snapshot } from "../../testing/snapshot.ts";
import { withStage } from "../../testing/stage.ts";
import { bridgeConf, dual } from "./testing/conf.ts";

// Each test starts dozens of processes: on a busy machine that is slow, not wrong.
setDefaultTimeout(60_000);

type IpRow = Record<string, unknown>;
interface AddressRow {
  readonly addr_info: readonly { local: string; prefixlen: number; tentative?: boolean }[];
}

test("the result tells what ip shows: links, MACs, MTUs, addresses", () =>
  withStage(async (s) => {
    const pod = s.pod();
    const { json } = await s.call("ADD", bridgeConf(s, { isDefaultGateway: true, mtu: 1400 }, dual), { pod });
    const shown = [...s.host.ipJson<IpRow>("link"), ...pod.ipJson<IpRow>("link")];
    const interfaces = json.interfaces as { name: string; mac: string; mtu: number; sandbox?: string }[];
    expect(interfaces.map((i) => [i.name.slice(0, 4), i.sandbox])).toEqual([
      ["br0", undefined],
      ["veth", undefined],
      ["eth0", pod.path],
    ]);
    for (const i of interfaces)
      expect(shown.find((l) => l.ifname === i.name)).toMatchObject({ address: i.mac, mtu: i.mtu });
    expect(json.ips).toEqual([
      { address: "10.1.2.2/24", gateway: "10.1.2.1", interface: 2 },
      { address: "fd00:1::2/64", gateway: "fd00:1::1", interface: 2 },
    ]);
    expect(json.routes).toEqual([
      { dst: "0.0.0.0/0", gw: "10.1.2.1" },
      { dst: "::/0", gw: "fd00:1::1" },
    ]);
  }));

test("the bridge keeps its MAC while pods come and go", () =>
  withStage(async (s) => {
    const mac = () => s.host.ipJson<IpRow>("link show br0")[0]?.address;
    const conf = bridgeConf(s);
    const pods = [s.pod(), s.pod(), s.pod()];
    await s.call("ADD", conf, { pod: pods[0], containerId: "pod0" });
    const first = mac();
    await s.call("ADD", conf, { pod: pods[1], containerId: "pod1" });
    await s.call("ADD", conf, { pod: pods[2], containerId: "pod2" });
    await s.call("DEL", conf, { pod: pods[0], containerId: "pod0" });
    expect(mac()).toBe(first);
  }));

test("a bridge made by someone else keeps its MAC once it carries the gateway", () =>
  withStage(async (s) => {
    s.host.ip("link add br0 type bridge");
    await s.call("ADD", bridgeConf(s, { isGateway: true }), { pod: s.pod() });
    const before = s.host.ipJson<IpRow>("link show br0")[0]?.address;
    s.host.ip("link add low type veth peer name low2");
    s.host.ip("link set low address 00:00:00:00:00:01 master br0");
    expect(s.host.ipJson<IpRow>("link show br0")[0]?.address).toBe(before);
  }));

test("IPv6 addresses are usable at once, and with enabledad after detection", () =>
  withStage(async (s) => {
    for (const enabledad of [false, true]) {
      const pod = s.pod();
      const conf = bridgeConf(s, { enabledad }, ["fd00:1::/64"]);
      expect(await s.call("ADD", conf, { pod, containerId: `pod${enabledad}` })).toMatchObject({ exit: 0 });
      const shown = pod.ipJson<AddressRow>("-6 addr show dev eth0")[0]?.addr_info ?? [];
      const own = shown.filter((a) => a.local?.startsWith("fd00:"));
      expect(own.map((a) => a.tentative)).toEqual([undefined]);
    }
  }));

test("with enabledad an address that another pod has is refused, and all is taken back", () =>
  withStage(async (s) => {
    const conf = bridgeConf(s, { enabledad: true }, ["fd00:1::/64"]);
    const [first, second] = [s.pod(), s.pod()];
    await s.call("ADD", conf, { pod: first, containerId: "first" });
    first.ip("addr add fd00:1::3/64 dev eth0 nodad");
    const before = [snapshot(s.host), snapshot(second), s.store()];
    const { exit, json } = await s.call("ADD", conf, { pod: second, containerId: "second" });
    expect(exit).toBe(1);
    expect(String(json.msg)).toContain("duplicate address detection");
    expect([snapshot(s.host), snapshot(second), s.store()]).toEqual(before);
  }));

test("routes keep their metric, table, sizes and order, and gateways come from the first address of the family", () =>
  withStage(async (s) => {
    const pod = s.pod();
    const routes = [
      { dst: "10.9.0.0/16", priority: 50, mtu: 1300, advmss: 1200 },
      { dst: "10.8.0.0/16", table: 77 },
      { dst: "10.7.0.0/16", gw: "10.1.2.9" },
      { dst: "10.7.0.0/16", gw: "10.1.2.10" },
      { dst: "10.7.0.0/16", gw: "10.1.2.9" },
      { dst: "10.6.0.0/16", scope: 253 },
      { dst: "fd99::/32" },
      { dst: "fd98::/32", gw: "fd00:1::8" },
      { dst: "fd98::/32", gw: "fd00:1::9" },
    ];
    const conf = bridgeConf(s, {}, dual, { routes });
    const added = await s.call("ADD", conf, { pod });
    expect(added).toMatchObject({ exit: 0, json: { routes } });
    const v4 = pod.ipJson<IpRow>("-4 route show table all proto 112");
    expect(v4).toMatchObject([
      { dst: "10.8.0.0/16", gateway: "10.1.2.1", table: "77" },
      { dst: "10.6.0.0/16", scope: "link" },
      { dst: "10.7.0.0/16", gateway: "10.1.2.9" },
      { dst: "10.7.0.0/16", gateway: "10.1.2.10" },
      { dst: "10.9.0.0/16", gateway: "10.1.2.1", metric: 50, metrics: [{ mtu: 1300, advmss: 1200 }] },
    ]);
    const v6 = pod.ipJson<IpRow>("-6 route show proto 112");
    expect(v6.find((r) => r.dst === "fd99::/32")).toMatchObject({ gateway: "fd00:1::1" });
    expect(JSON.stringify(v6.filter((r) => r.dst === "fd98::/32"))).toMatch(/fd00:1::8.*fd00:1::9/);
    expect(await s.call("CHECK", { ...conf, prevResult: added.json }, { pod })).toMatchObject({ exit: 0 });
  }));

test("port isolation, hairpin and promiscuity are set", () =>
  withStage(async (s) => {
    await s.call("ADD", bridgeConf(s, { portIsolation: true, hairpinMode: true }, []), { pod: s.pod() });
    expect(s.host.bridgeJson("link")).toMatchObject([{ isolated: true, hairpin: true }]);
    await s.call("ADD", bridgeConf(s, { bridge: "br1", promiscMode: true }, []), { pod: s.pod(), containerId: "p2" });
    expect(s.host.ipJson<{ flags: string[] }>("link show br1")[0]?.flags).toContain("PROMISC");
  }));

test("disableContainerInterface leaves the pod's end down", () =>
  withStage(async (s) => {
    const pod = s.pod();
    const conf = bridgeConf(s, { disableContainerInterface: true }, []);
    const { json } = await s.call("ADD", conf, { pod });
    expect(pod.ipJson<{ flags: string[] }>("link show eth0")[0]?.flags).not.toContain("UP");
    expect(await s.call("CHECK", { ...conf, prevResult: json }, { pod })).toMatchObject({ exit: 0 });
  }));

test("a pod's router advertisements are not believed, on the bridge and on the port", () =>
  withStage(async (s) => {
    await s.call("ADD", bridgeConf(s), { pod: s.pod() });
    expect(s.host.sh("cat /proc/sys/net/ipv6/conf/br0/accept_ra /proc/sys/net/ipv6/conf/veth*/accept_ra")).toBe(
      "0\n0\n",
    );
  }));

describe("what cannot be is refused before anything is touched", () => {
  const refused = (before: string, more: object, said: RegExp, fix: RegExp, code: number, inPod = "") =>
    withStage(async (s) => {
      const pod = s.pod();
      if (before) s.host.sh(before);
      if (inPod) pod.sh(inPod);
      const was = [snapshot(s.host), snapshot(pod), s.store()];
      const { exit, json } = await s.call("ADD", bridgeConf(s, { ...more }), { pod });
      expect({ exit, code: json.code }).toEqual({ exit: 1, code });
      expect(String(json.msg)).toMatch(said);
      expect(String(json.details)).toMatch(fix);
      expect([snapshot(s.host), snapshot(pod), s.store()]).toEqual(was);
    });

  test("an interface name that the pod has", () =>
    refused("", {}, /interface eth0 in .* is there already \(veth\)/, /CNI_IFNAME/, 102, "ip link add eth0 type veth"));
  test("a link of the bridge's name that is no bridge", () =>
    refused(
      "ip link add br0 type veth",
      {},
      /br0: a link of that name is there and is a veth/,
      /ip link del dev br0/,
      102,
    ));
  test("layer 2 in a version whose results need an address", () =>
    withStage(async (s) => {
      const pod = s.pod();
      const was = [snapshot(s.host), snapshot(pod)];
      for (const cniVersion of ["", "0.2.0"]) {
        const { exit, json } = await s.call("ADD", bridgeConf(s, { cniVersion, ipam: {} }), { pod });
        expect({ exit, code: json.code }).toEqual({ exit: 1, code: 1 });
        expect([snapshot(s.host), snapshot(pod)]).toEqual(was);
        // The runtime's DEL afterwards has nothing to do, and says so.
        expect(await s.call("DEL", bridgeConf(s, { cniVersion, ipam: {} }), { pod })).toMatchObject({ exit: 0 });
      }
    }));
  test("another gateway address on the bridge", () =>
    refused(
      "ip link add br0 type bridge; ip addr add 10.7.7.1/24 dev br0; ip link set br0 up",
      { isGateway: true },
      /address of br0: is 10\.7\.7\.1\/24, should be 10\.1\.2\.1\/24/,
      /ip address del 10\.7\.7\.1\/24 dev br0/,
      104,
    ));
});

test("two pods that come at once make one bridge and both get in", () =>
  withStage(async (s) => {
    const conf = bridgeConf(s, { isDefaultGateway: true }, dual);
    const pods = Array.from({ length: 8 }, () => s.pod());
    const all = await Promise.all(pods.map((pod, i) => s.call("ADD", conf, { pod, containerId: `pod${i}` })));
    expect(all.map((a) => a.exit)).toEqual(pods.map(() => 0));
    expect(s.host.bridgeJson("link").length).toBe(8);
  }));

test("with IPv6 switched off, the line that the error ends with is what mends it", () =>
  withStage(async (s) => {
    s.host.sh("sysctl -qw net.ipv6.conf.default.disable_ipv6=1");
    const conf = bridgeConf(s, { isGateway: true }, dual);
    const call = { pod: s.pod() };
    const { exit, json } = await s.call("ADD", conf, call);
    expect({ exit, code: json.code }).toEqual({ exit: 1, code: 104 });
    s.host.sh(String(json.details));
    expect(await s.call("ADD", conf, call)).toMatchObject({ exit: 0 });
  }));

test("a port that is not on the bridge of that name any more is no success", () =>
  withStage(async (s) => {
    const pod = s.pod();
    const conf = bridgeConf(s, {}, []);
    const whole = countingKernel(s.kernel);
    await s.call("ADD", conf, { pod: s.pod() }, whole.kernel);
    s.host.ip("link del br0");
    // A failing ADD beside us takes its bridge away, and a third one makes it anew: right before the result is read.
    const anew = () => void s.host.sh("ip link del br0; ip link add br0 type bridge; ip link set br0 up");
    const raced = countingKernel(s.kernel, whole.done.lastIndexOf("ip link show br0") + 1, "works", anew);
    expect(await s.call("ADD", conf, { pod }, raced.kernel)).toMatchObject({ exit: 1, json: { code: 11 } });
    expect(pod.ipJson<{ ifname: string }>("link").map((l) => l.ifname)).toEqual(["lo"]);
  }));

test("an ADD that fails late leaves the gateway to the pod that has joined meanwhile", () =>
  withStage(async (s) => {
    const conf = bridgeConf(s, { isDefaultGateway: true });
    const whole = countingKernel(s.kernel);
    await s.call("ADD", conf, { pod: s.pod() }, whole.kernel);
    await s.call("DEL", conf, { netns: "" });
    s.host.sh("ip link del br0; sysctl -qw net.ipv4.ip_forward=0");
    const joins = () => void s.host.sh("ip link add other type veth peer name pod; ip link set other master br0");
    const last = countingKernel(s.kernel, whole.done.length, "fails", joins);
    expect(await s.call("ADD", conf, { pod: s.pod() }, last.kernel)).toMatchObject({ exit: 1 });
    expect(s.host.bridgeJson<{ ifname: string }>("link").map((l) => l.ifname)).toEqual(["other"]);
    expect(s.host.ipJson<{ addr_info: object[] }>("-4 address show dev br0")[0]?.addr_info).toMatchObject([
      { local: "10.1.2.1", prefixlen: 24 },
    ]);
    expect(s.host.sh("cat /proc/sys/net/ipv4/ip_forward")).toBe("1\n");
  }));

describe("an ADD whose n-th operation fails leaves everything as it was", () => {
  const configs = {
    "dual stack, new bridge": { more: { isDefaultGateway: true, hairpinMode: true, portIsolation: true }, before: "" },
    "dual stack, a bridge that is there": {
      more: { isDefaultGateway: true, forceAddress: true, mtu: 1400 },
      before: "ip link add br0 type bridge; ip addr add 10.7.7.1/24 dev br0; sysctl -qw net.ipv4.ip_forward=0",
    },
    "layer 2": { more: { ipam: {}, promiscMode: true }, before: "" },
  };
  for (const [name, { more, before }] of Object.entries(configs))
    test(name, () =>
      withStage(async (s) => {
        s.host.sh(before || ":");
        const sysctls = ["net/ipv4/ip_forward", "net/ipv6/conf/all/forwarding", "net/ipv6/conf/default/accept_ra"];
        const look = (pod: TestNetns) => [snapshot(s.host, sysctls), snapshot(pod), s.store()];
        const was = look(s.pod());
        const conf = bridgeConf(s, more, dual);
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
      }),
    );
});

test("the operations of one ADD into a bridge that is there, counted", () =>
  withStage(async (s) => {
    const conf = bridgeConf(s, { isDefaultGateway: true });
    await s.call("ADD", conf, { pod: s.pod() });
    const { kernel, done } = countingKernel(s.kernel);
    await s.call("ADD", conf, { pod: s.pod(), containerId: "second" }, kernel);
    expect(done.filter((op) => op.startsWith("dump:"))).toEqual(["dump: ip address"]);
    expect(done.length).toBeLessThanOrEqual(20);
  }));
