/** ADD on a kernel, with our host-local; `ip -j` and real packets are the judges. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import type { JsonObject } from "../../../base/json-types.ts";
import { makeNetns, type TestNetns } from "../../../kernel/testing/netns.ts";
import { childConf, dual, type LinkRow, withMaster } from "../../attach/child/testing/stage.ts";
import { countingKernel } from "../../testing/failing-kernel.ts";
import { snapshot } from "../../testing/snapshot.ts";
import type { Answer, Call, Stage } from "../../testing/stage.ts";
import { reaches } from "../bridge/testing/vlans.ts";

// Each test starts dozens of processes: on a busy machine that is slow, not wrong.
setDefaultTimeout(60_000);

const conf = (s: Stage, more: JsonObject = {}, ranges?: readonly string[], ipam?: JsonObject): JsonObject =>
  childConf(s, "macvlan", more, ranges, ipam);
const eth0 = (pod: TestNetns): LinkRow | undefined => pod.ipJson<LinkRow>("link show eth0")[0];

const added = async (s: Stage, config: JsonObject, call: Call): Promise<Answer> => {
  const answer = await s.call("ADD", config, call);
  expect(answer).toMatchObject({ exit: 0 });
  return answer;
};

test("the result tells what ip shows, and nothing of it is on the host", () =>
  withMaster(async (s) => {
    const pod = s.pod();
    const was = snapshot(s.host);
    const { json } = await added(s, conf(s, { mtu: 1400 }, dual, { routes: [{ dst: "0.0.0.0/0" }] }), { pod });
    const shown = eth0(pod);
    expect(shown).toMatchObject({ mtu: 1400, linkinfo: { info_kind: "macvlan", info_data: { mode: "bridge" } } });
    expect(shown?.flags).toContain("UP");
    expect(shown?.ifalias).toBe("podwire net1/pod1/eth0");
    expect(json).toEqual({
      cniVersion: "1.1.0",
      interfaces: [{ name: "eth0", mac: shown?.address, mtu: 1400, sandbox: pod.path }],
      ips: [
        { address: "10.1.2.2/24", gateway: "10.1.2.1", interface: 0 },
        { address: "fd00:1::2/64", gateway: "fd00:1::1", interface: 0 },
      ],
      routes: [{ dst: "0.0.0.0/0" }],
    });
    expect(pod.ipJson("route show proto 112")).toMatchObject([{ dst: "default", gateway: "10.1.2.1", dev: "eth0" }]);
    expect(snapshot(s.host)).toEqual(was);
  }));

test("two pods in bridge mode reach each other by both families, in private mode they do not", () =>
  withMaster(async (s) => {
    for (const mode of ["bridge", "private"]) {
      const [a, b] = [s.pod(), s.pod()];
      const config = conf(s, { mode }, dual);
      await added(s, config, { pod: a, containerId: `a-${mode}` });
      const { json } = await added(s, config, { pod: b, containerId: `b-${mode}` });
      const [v4, v6] = (json.ips as { address: string }[]).map((ip) => ip.address.split("/")[0] ?? "");
      expect(reaches(a, v4 ?? "")).toBe(mode === "bridge");
      if (mode === "bridge") expect(reaches(a, v6 ?? "")).toBe(true);
    }
  }));

test("a neighbour on the master's network that remembers another for the addresses is told", () =>
  withMaster(async (s) => {
    const [lan, other, pod] = [s.pod(), s.pod(), s.pod()];
    s.host.ip(`link set far0 netns ${lan.name}`);
    lan.sh(`ip addr add 10.1.2.200/24 dev far0; ip addr add fd00:1::200/64 dev far0 nodad; ip link set far0 up
      for ip in 10.1.2.3 fd00:1::3; do ip neigh add $ip lladdr 02:00:00:00:00:99 nud reachable dev far0; done`);
    await added(s, conf(s, {}, dual), { pod: other, containerId: "other" });
    await added(s, conf(s, {}, dual), { pod });
    // What was sent before this has arrived before this, and this is from another address.
    expect(reaches(other, "10.1.2.200")).toBe(true);
    const known = lan.ipJson<{ dst: string; lladdr: string }>("neigh show dev far0");
    for (const dst of ["10.1.2.3", "fd00:1::3"])
      expect(known.find((n) => n.dst === dst)).toMatchObject({ lladdr: eth0(pod)?.address ?? "" });
    const shown = pod.ipJson<{ addr_info: { local: string; tentative?: boolean }[] }>("-6 addr show dev eth0");
    expect(shown[0]?.addr_info.find((a) => a.local === "fd00:1::3")?.tentative).toBeUndefined();
  }));

test("a master without a carrier holds nobody up, of either family", () =>
  withMaster(async (s) => {
    s.host.ip("link set far0 down");
    const pod = s.pod();
    await added(s, conf(s, {}, dual), { pod });
    const [shown] = pod.ipJson<{ addr_info: { local: string; tentative?: boolean }[] }>("addr show dev eth0");
    const own = shown?.addr_info.filter((a) => !a.local.startsWith("fe80:"));
    expect(own?.map((a) => [a.local, a.tentative])).toEqual([
      ["10.1.2.2", undefined],
      ["fd00:1::2", undefined],
    ]);
  }));

test("each mode, and the length of the queue for broadcasts", () =>
  withMaster(async (s) => {
    const pods: TestNetns[] = [];
    for (const mode of ["", "bridge", "private", "vepa"]) {
      const pod = s.pod();
      pods.push(pod);
      await added(s, conf(s, { mode, bcqueuelen: 5000 }, []), { pod, containerId: `pod-${mode}` });
    }
    const data = pods.map((pod) => eth0(pod)?.linkinfo?.info_data);
    expect(data.map((d) => d?.mode)).toEqual(["bridge", "bridge", "private", "vepa"]);
    expect(data.map((d) => d?.bcqueuelen)).toEqual([5000, 5000, 5000, 5000]);
  }));

test("passthru has the master and its MAC", () =>
  withMaster(async (s) => {
    const pod = s.pod();
    const { json } = await added(s, conf(s, { mode: "passthru" }, []), { pod });
    const [master] = s.host.ipJson<LinkRow>("link show up0");
    expect(json.interfaces).toMatchObject([{ mac: master?.address }]);
    expect(eth0(pod)?.linkinfo?.info_data).toMatchObject({ mode: "passthru" });
  }));

test("layer 2 is up and has no address", () =>
  withMaster(async (s) => {
    const pod = s.pod();
    const { json } = await added(s, conf(s, {}, []), { pod });
    expect(json).not.toHaveProperty("ips");
    expect(eth0(pod)?.flags).toContain("UP");
    expect(pod.ipJson<{ addr_info: object[] }>("-4 addr show dev eth0")).toEqual([]);
  }));

test("the MAC is there from birth: the one asked for", () =>
  withMaster(async (s) => {
    const [a, b, c, d] = ["0a", "0b", "0c", "0d"].map((end) => `02:42:ac:11:00:${end}`);
    const asked: readonly (readonly [want: string | undefined, more: JsonObject, args: string])[] = [
      [a, { runtimeConfig: { mac: a ?? "" }, args: { cni: { mac: b ?? "" } }, mac: d ?? "" }, `MAC=${c}`],
      [b, { args: { cni: { mac: b ?? "" } }, mac: d ?? "" }, `IgnoreUnknown=1;MAC=${c}`],
      [c, { mac: d ?? "" }, `IgnoreUnknown=1;MAC=${c}`],
      [d, { mac: d ?? "" }, ""],
    ];
    for (const [want, more, args] of asked) {
      const pod = s.pod();
      await added(s, conf(s, more, []), { pod, args, containerId: `pod-${want?.slice(-2)}` });
      expect(eth0(pod)?.address).toBe(want ?? "");
    }
  }));

test("without a master it is the link of the default route, IPv4 first, the lowest metric", () =>
  withMaster(async (s) => {
    const config = { ...conf(s, {}, []) };
    delete config.master;
    const masterOf = async (lines: string): Promise<unknown> => {
      s.host.sh(lines);
      const pod = s.pod();
      await added(s, config, { pod, containerId: pod.name });
      const index = pod.ipJson<{ link_index: number }>("link show eth0")[0]?.link_index;
      return s.host.ipJson<{ ifindex: number; ifname: string }>("link").find((l) => l.ifindex === index)?.ifname;
    };
    expect(await masterOf("ip addr add fd00:9::1/64 dev far0 nodad; ip -6 route add default via fd00:9::2")).toBe(
      "far0",
    );
    expect(await masterOf("ip addr add 192.0.2.1/24 dev far0; ip route add default via 192.0.2.2 metric 9")).toBe(
      "far0",
    );
    expect(await masterOf("ip addr add 198.51.100.1/24 dev up0; ip route add default via 198.51.100.2 metric 5")).toBe(
      "up0",
    );
  }));

test("a master in the pod, by name and by the pod's default route", () =>
  withMaster(async (s) => {
    const pod = s.pod();
    pod.sh(`ip link add in0 type veth peer name in1; ip link set in0 up; ip link set in1 up
      ip addr add 192.0.2.1/24 dev in0; ip route add default via 192.0.2.2`);
    const was = snapshot(s.host);
    const named = conf(s, { linkInContainer: true, master: "in1" });
    const { json } = await added(s, named, { pod });
    expect(eth0(pod)).toMatchObject({ link: "in1", linkinfo: { info_kind: "macvlan" } });
    expect(await s.call("CHECK", { ...named, prevResult: json }, { pod })).toMatchObject({ exit: 0 });
    const byRoute = conf(s, { linkInContainer: true, master: "" });
    await added(s, byRoute, { pod, ifname: "eth1" });
    expect(pod.ipJson<LinkRow>("link show eth1")[0]?.link).toBe("in0");
    for (const ifname of ["eth0", "eth1"])
      expect(await s.call("DEL", byRoute, { pod, ifname })).toMatchObject({ exit: 0 });
    expect(pod.ipJson<LinkRow>("link").map((l) => l.ifname)).toEqual(["lo", "in1", "in0"]);
    expect(snapshot(s.host)).toEqual(was);
  }));

test("a link of the host that is called as the pod's is no hindrance", () =>
  withMaster(async (s) => {
    s.host.ip("link add eth0 type veth peer name eth1");
    const pod = s.pod();
    await added(s, conf(s), { pod });
    expect(eth0(pod)?.linkinfo?.info_kind).toBe("macvlan");
  }));

describe("what cannot be is refused before anything is left", () => {
  const refused = (
    before: string,
    more: JsonObject,
    said: RegExp,
    fix: RegExp | undefined,
    code: number,
    inPod = "",
  ): Promise<void> =>
    withMaster(async (s) => {
      const pod = s.pod();
      s.host.sh(before || ":");
      pod.sh(inPod || ":");
      const was = [snapshot(s.host), snapshot(pod), s.store()];
      const { exit, json } = await s.call("ADD", conf(s, more), { pod });
      expect({ exit, msg: json.msg, code: json.code }).toMatchObject({ exit: 1, code });
      expect(String(json.msg)).toMatch(said);
      if (fix) expect(String(json.details)).toMatch(fix);
      expect([snapshot(s.host), snapshot(pod), s.store()]).toEqual(was);
    });

  test("an interface name that the pod has", () =>
    refused("", {}, /interface eth0 in .* is there already \(veth\)/, /CNI_IFNAME/, 102, "ip link add eth0 type veth"));
  test("a master that is not there", () =>
    refused("", { master: "up9" }, /master up9: there is no such link on this host/, /ip link/, 103));
  test("no master and no default route", () =>
    refused("", { master: "" }, /default route on this host: there is none, and without "master"/, /"master"/, 103));
  test("a master that is down", () =>
    refused("ip link set up0 down", {}, /master up0: is down, should be up/, /^ip link set dev up0 up$/, 104));
  test("a master that is a loopback", () =>
    refused("ip link set lo up", { master: "lo" }, /master: lo is a loopback interface/, undefined, 7));
  test("an MTU above the master's", () =>
    refused("ip link set up0 mtu 1400", { mtu: 1500 }, /mtu: expected at most 1400 bytes, .* up0 has/, undefined, 7));
  test("a master that is a bridge's port", () =>
    refused(
      "ip link add br0 type bridge; ip link set up0 master br0",
      {},
      /master up0: belongs to br0, which takes all its frames/,
      /name br0 as "master"/,
      102,
    ));
  test("passthru on a master that carries others", () =>
    refused(
      "ip link add m0 link up0 type macvlan",
      { mode: "passthru" },
      /master up0: carries a macvlan link already, and passthru wants it alone/,
      /choose another/,
      102,
    ));
  test("any mode on a master that passthru has", () =>
    refused(
      "ip link add m0 link up0 type macvlan mode passthru",
      {},
      /master up0: carries a macvlan link of mode passthru/,
      /choose another/,
      102,
    ));
  test("a master that is no Ethernet", () =>
    refused("ip tuntap add up9 mode tun; ip link set up9 up", { master: "up9" }, /up9 is no Ethernet/, undefined, 7));
  test("layer 2 in a version whose results need an address", () =>
    refused("", { cniVersion: "0.2.0", ipam: {} }, /needs a newer cniVersion/, undefined, 1));
});

describe("an ADD whose n-th operation fails leaves everything as it was", () => {
  const configs: Record<string, readonly [JsonObject, readonly string[]]> = {
    "both families": [{ mtu: 1400, bcqueuelen: 10 }, dual],
    "layer 2, by the default route": [{ master: "" }, []],
  };
  for (const [name, [more, ranges]] of Object.entries(configs))
    test(name, () =>
      withMaster(async (s) => {
        s.host.sh("ip addr add 192.0.2.1/24 dev up0; ip route add default via 192.0.2.2");
        const look = (pod: TestNetns) => [snapshot(s.host), snapshot(pod), s.store()];
        const was = look(s.pod());
        const config = conf(s, more, ranges, { routes: [{ dst: "0.0.0.0/0" }] });
        for (let n = 1; ; n++) {
          using pod = makeNetns();
          const { kernel, done } = countingKernel(s.kernel, n);
          const { exit, json } = await s.call("ADD", config, { pod }, kernel);
          s.kernel.forget(pod.path);
          if (exit === 0) {
            // Shorter than n: each of its operations has failed once. How often it has to look until an address of IPv6
            // is settled is the kernel's affair.
            expect(done.length).toBeLessThan(n);
            break;
          }
          expect(String(json.msg)).toContain("as planned");
          expect({ n, op: done[n - 1], seen: look(pod) }).toEqual({ n, op: done[n - 1], seen: was });
        }
      }),
    );
});

test("an ADD that the IPAM plugin refuses leaves everything as it was", () =>
  withMaster(async (s) => {
    const config = conf(s, {}, ["10.1.2.0/30"]);
    await added(s, config, { pod: s.pod(), containerId: "first" });
    const pod = s.pod();
    const was = [snapshot(s.host), snapshot(pod), s.store()];
    expect(await s.call("ADD", config, { pod, containerId: "second" })).toMatchObject({ exit: 1, json: { code: 100 } });
    expect([snapshot(s.host), snapshot(pod), s.store()]).toEqual(was);
  }));

test("the operations of one ADD, counted", () =>
  withMaster(async (s) => {
    const { kernel, done } = countingKernel(s.kernel);
    await s.call("ADD", conf(s), { pod: s.pod() }, kernel);
    expect(done.filter((op) => op.startsWith("dump:"))).toEqual([]);
    expect(done.length).toBeLessThanOrEqual(12);
  }));
