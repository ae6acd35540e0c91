/** ADD on a kernel, with our host-local; `ip -j` is the judge. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { makeNetns, type TestNetns } from "../../../kernel/testing/netns.ts";
import { countingKernel } from "../../testing/failing-kernel.ts";
import { snapshot } from "../../testing/snapshot.ts";
import { type Stage, withStage } from "../../testing/stage.ts";
import { deviceConf, dual, linkNames, makeDevice, remembered, view } from "./testing/conf.ts";

// Each test starts dozens of processes: on a busy machine that is slow, not wrong.
setDefaultTimeout(60_000);

type Row = Record<string, unknown>;
const look = (s: Stage, pod: TestNetns): unknown[] => [view(s.host), snapshot(pod), s.store(), remembered(s)];

test("the device is in the pod under its new name, up, with the pod's addresses, and the result tells what ip shows", () =>
  withStage(async (s) => {
    makeDevice(s.host);
    const pod = s.pod();
    const routes = [{ dst: "0.0.0.0/0" }, { dst: "10.8.0.0/16", table: 77 }];
    const { exit, json } = await s.call("ADD", deviceConf(s, {}, dual, { routes }), { pod });
    expect(exit).toBe(0);
    expect(json).toEqual({
      cniVersion: "1.1.0",
      interfaces: [{ name: "eth0", mac: "02:00:00:00:00:05", mtu: 1400, sandbox: pod.path }],
      ips: [
        { address: "10.1.2.2/24", gateway: "10.1.2.1", interface: 0 },
        { address: "fd00:1::2/64", gateway: "fd00:1::1", interface: 0 },
      ],
      routes,
    });
    expect(linkNames(s.host)).toEqual(["lo", "wire5"]);
    const [link] = pod.ipJson<Row & { flags: string[] }>("link show eth0");
    expect(link).toMatchObject({ address: "02:00:00:00:00:05", mtu: 1400 });
    expect(link?.ifalias).toBe("podwire device net1/pod1/eth0/ens3");
    expect(link?.flags).toContain("UP");
    expect(pod.ipJson("-4 route show default")).toMatchObject([{ gateway: "10.1.2.1", dev: "eth0" }]);
    expect(remembered(s)).toEqual(["net1/pod1:eth0"]);
  }));

test("without ipam it goes up without an address", () =>
  withStage(async (s) => {
    makeDevice(s.host);
    const pod = s.pod();
    const { json } = await s.call("ADD", deviceConf(s, {}, []), { pod });
    expect(json).toMatchObject({ interfaces: [{ name: "eth0", sandbox: pod.path }] });
    const [row] = pod.ipJson<{ flags: string[]; addr_info: { scope: string }[] }>("address show eth0");
    expect(row?.flags).toContain("UP");
    expect(row?.addr_info.filter((a) => a.scope === "global")).toEqual([]);
  }));

test("the device is named by its MAC, too, and the config's dns goes before the IPAM plugin's", () =>
  withStage(async (s) => {
    makeDevice(s.host);
    const pod = s.pod();
    const more = { device: "", hwaddr: "02:00:00:00:00:05", dns: { nameservers: ["10.9.9.9"] } };
    expect((await s.call("ADD", deviceConf(s, more), { pod })).json).toMatchObject({ dns: more.dns });
    expect(linkNames(pod)).toEqual(["lo", "eth0"]);
  }));

test("a bridge, a tun device and a macvlan go as well as any other", () =>
  withStage(async (s) => {
    makeDevice(s.host);
    s.host.sh("ip link add br9 type bridge; ip tuntap add dev tun9 mode tun; ip link add mv9 link ens3 type macvlan");
    // The kernel keeps a bridge in its namespace; it says so, and all stays as it was.
    const pod = s.pod();
    const before = look(s, pod);
    expect(await s.call("ADD", deviceConf(s, { device: "br9" }), { pod })).toMatchObject({
      exit: 1,
      json: { code: 105 },
    });
    expect(look(s, pod)).toEqual(before);
    for (const device of ["tun9", "mv9"]) {
      const conf = deviceConf(s, { device });
      const was = view(s.host);
      const call = { pod: s.pod(), containerId: device };
      expect(await s.call("ADD", conf, call)).toMatchObject({ exit: 0 });
      expect(await s.call("DEL", conf, call)).toEqual({ exit: 0, json: {}, stderr: "" });
      expect(view(s.host)).toEqual(was);
    }
  }));

test("where the pod has a link of the device's name, the device goes by its new name", () =>
  withStage(async (s) => {
    makeDevice(s.host);
    const pod = s.pod();
    pod.ip("link add ens3 type bridge");
    const was = [view(s.host), snapshot(pod)];
    const conf = deviceConf(s);
    expect(await s.call("ADD", conf, { pod })).toMatchObject({ exit: 0 });
    expect(linkNames(pod)).toContain("eth0");
    expect(await s.call("DEL", conf, { pod })).toEqual({ exit: 0, json: {}, stderr: "" });
    expect([view(s.host), snapshot(pod)]).toEqual(was);
  }));

describe("what cannot be is refused, and nothing is touched", () => {
  const refused = (more: object, said: RegExp, code: number, inPod = "") =>
    withStage(async (s) => {
      makeDevice(s.host);
      const pod = s.pod();
      if (inPod) pod.sh(inPod);
      const was = look(s, pod);
      const { exit, json } = await s.call("ADD", deviceConf(s, { ...more }), { pod });
      expect({ exit, code: json.code }).toEqual({ exit: 1, code });
      expect(String(json.msg)).toMatch(said);
      expect(look(s, pod)).toEqual(was);
    });
  test("an interface name that the pod has", () =>
    refused({}, /eth0 in .* is there already \(bridge\)/, 102, "ip link add eth0 type bridge"));
  test("a device that is not there", () => refused({ device: "ens9" }, /device ens9: there is no such device/, 103));
  test("a MAC that no device has", () =>
    refused({ device: "", hwaddr: "02:00:00:00:00:99" }, /hwaddr 02:.*: no device of the host has this MAC/, 103));
  test("the loopback interface", () => refused({ device: "lo" }, /device = lo is not supported/, 2));
  test("an IPAM plugin without an address left", () =>
    refused({ ipam: { type: "host-local", dataDir: "/proc/none", subnet: "10.1.2.0/24" } }, /./, 5));
  test("layer 2 in a version whose results need an address", () =>
    refused({ cniVersion: "0.2.0", ipam: {} }, /without ipam/, 1));
});

test("a device that another pod has is told with that pod's name", () =>
  withStage(async (s) => {
    makeDevice(s.host);
    await s.call("ADD", deviceConf(s), { pod: s.pod(), containerId: "first" });
    for (const more of [{}, { device: "", hwaddr: "02:00:00:00:00:05" }]) {
      const { exit, json } = await s.call("ADD", deviceConf(s, more), { pod: s.pod(), containerId: "second" });
      expect({ exit, code: json.code }).toEqual({ exit: 1, code: 103 });
      expect(String(json.msg)).toContain("container first has it, as eth0 of network net1");
    }
  }));

test("of pods that want one device at once one gets it, and the others change nothing", () =>
  withStage(async (s) => {
    makeDevice(s.host);
    const pods = Array.from({ length: 5 }, () => s.pod());
    const all = await Promise.all(pods.map((pod, i) => s.call("ADD", deviceConf(s), { pod, containerId: `pod${i}` })));
    expect(all.filter((a) => a.exit === 0).length).toBe(1);
    const winner = all.findIndex((a) => a.exit === 0);
    expect(pods.map((pod) => linkNames(pod).length)).toEqual(pods.map((_, i) => (i === winner ? 2 : 1)));
    expect(remembered(s)).toEqual([`net1/pod${winner}:eth0`]);
  }));

describe("a device that the kernel brought back when its pod's namespace went", () => {
  /** As the kernel leaves it: on the host, down, under the pod's name, with our alias. */
  const stray = async (s: Stage): Promise<unknown> => {
    makeDevice(s.host);
    const was = view(s.host);
    const pod = s.pod();
    await s.call("ADD", deviceConf(s), { pod, containerId: "gone" });
    pod.sh(`ip link set eth0 netns ${s.host.path}`);
    return was;
  };
  test("is put in order by the next ADD that wants it, by name or by MAC", async () => {
    for (const more of [{}, { device: "", hwaddr: "02:00:00:00:00:05" }])
      await withStage(async (s) => {
        const was = await stray(s);
        const conf = deviceConf(s, more);
        const call = { pod: s.pod(), containerId: "next" };
        expect(await s.call("STATUS", conf)).toMatchObject({ exit: 0 });
        expect(await s.call("ADD", conf, call)).toMatchObject({ exit: 0 });
        expect(remembered(s)).toEqual(["net1/next:eth0"]);
        expect(await s.call("DEL", conf, call)).toEqual({ exit: 0, json: {}, stderr: "" });
        expect(view(s.host)).toEqual(was as Record<string, unknown>);
      });
  });
});

describe("an ADD whose n-th operation fails leaves everything as it was", () => {
  const configs = {
    "dual stack": { more: {}, before: "" },
    "layer 2, a port of a bridge": {
      more: { ipam: {} },
      before:
        "ip -6 route flush dev ens3; ip address flush dev ens3; ip link add br0 type bridge; ip link set br0 up; ip link set ens3 master br0",
    },
    "a device that is down": { more: {}, before: "ip link set ens3 down" },
  };
  for (const [name, { more, before }] of Object.entries(configs))
    test(name, () =>
      withStage(async (s) => {
        makeDevice(s.host);
        if (before) s.host.sh(before);
        const was = look(s, s.pod());
        const conf = deviceConf(s, more, dual, { routes: [{ dst: "0.0.0.0/0" }] });
        for (let n = 1; ; n++) {
          using pod = makeNetns();
          const { kernel, done } = countingKernel(s.kernel, n);
          const { exit, json } = await s.call("ADD", conf, { pod }, kernel);
          if (exit === 0) {
            // The whole ADD was shorter than n: every one of its operations has failed once.
            expect(done.length).toBe(n - 1);
            await s.call("DEL", conf, { pod });
            s.kernel.forget(pod.path);
            break;
          }
          s.kernel.forget(pod.path);
          expect(String(json.msg)).toContain("as planned");
          expect({ n, op: done[n - 1], seen: look(s, pod) }).toEqual({ n, op: done[n - 1], seen: was });
        }
      }),
    );
});

test("a name that someone takes in the pod right before the move is left to them, and the device stays", () =>
  withStage(async (s) => {
    makeDevice(s.host);
    const conf = deviceConf(s);
    const counted = countingKernel(s.kernel);
    const first = s.pod();
    await s.call("ADD", conf, { pod: first }, counted.kernel);
    await s.call("DEL", conf, { pod: first });
    const was = view(s.host);
    const pod = s.pod();
    const at = counted.done.findIndex((op) => op.includes("netns")) + 1;
    const raced = countingKernel(s.kernel, at, "works", () => pod.ip("link add eth0 type bridge"));
    expect(await s.call("ADD", conf, { pod }, raced.kernel)).toMatchObject({ exit: 1, json: { code: 105 } });
    expect([view(s.host), linkNames(pod), remembered(s)]).toEqual([was, ["lo", "eth0"], []]);
  }));
