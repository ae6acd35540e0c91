/** ADD on a kernel, with our host-local; `ip -j`, and frames read from the device, are the judges. */
import { describe, expect, setDefaultTimeout } from "bun:test";
import { EPOLL, openEpoll } from "../../../kernel/os/epoll.ts";
import { closeSync, O, openSync } from "../../../kernel/os/files.ts";
import { hasSelinux } from "../../../kernel/os/selinux.ts";
import { cstr, sys } from "../../../kernel/os/syscall.ts";
import { tapProbe } from "../../../kernel/probe/tap.ts";
import { makeNetns, type TestNetns } from "../../../kernel/testing/netns.ts";
import { skipUnless } from "../../../kernel/testing/skip.ts";
import { countingKernel } from "../../testing/failing-kernel.ts";
import { snapshot } from "../../testing/snapshot.ts";
import { withStage } from "../../testing/stage.ts";
import { dual, tapConf } from "./testing/conf.ts";

// Each test starts dozens of processes: on a busy machine that is slow, not wrong.
setDefaultTimeout(60_000);
const test = skipUnless(tapProbe);

type IpRow = Record<string, unknown>;
const device = (pod: TestNetns): IpRow => pod.ipJson<IpRow>("link show eth0")[0] ?? {};

test("the result tells what ip shows: MAC, MTU, addresses, routes", () =>
  withStage(async (s) => {
    const pod = s.pod();
    const { json } = await s.call("ADD", tapConf(s, { mtu: 1400 }), { pod });
    expect(json).toMatchObject({
      interfaces: [{ name: "eth0", mac: device(pod).address, mtu: 1400, sandbox: pod.path }],
      ips: [
        { address: "10.1.2.2/24", gateway: "10.1.2.1", interface: 0 },
        { address: "fd00:1::2/64", gateway: "fd00:1::1", interface: 0 },
      ],
      routes: [{ dst: "0.0.0.0/0" }, { dst: "::/0" }],
    });
    expect(device(pod)).toMatchObject({
      mtu: 1400,
      ifalias: "podwire net1/pod1/eth0",
      linkinfo: { info_kind: "tun", info_data: { type: "tap", pi: false, vnet_hdr: false, persist: true } },
    });
    expect(device(pod).flags).toContain("UP");
    expect(pod.ipJson<IpRow>("-4 route")[0]).toMatchObject({ dst: "default", gateway: "10.1.2.1", dev: "eth0" });
    expect(pod.ipJson("-6 addr show tentative")).toEqual([]);
  }));

describe("ADD makes what these lines make", () => {
  const mac = "02:42:ac:11:00:02";
  const same: Record<string, [more: object, before: string, lines: string]> = {
    "layer 2": [{}, "", "ip tuntap add dev eth0 mode tap; ip link set eth0 up"],
    "several queues, an owner and a group": [
      { multiQueue: true, owner: 0, group: 107 },
      "",
      "ip tuntap add dev eth0 mode tap user 0 group 107 multi_queue; ip link set eth0 up",
    ],
    "MTU and MAC, also with owner and group": [
      { mtu: 9000, mac, owner: 107, group: 107 },
      "",
      `ip tuntap add dev eth0 mode tap user 107 group 107; ip link set eth0 address ${mac} mtu 9000 up`,
    ],
    "a port of the pod's bridge": [
      { bridge: "br0" },
      "ip link add br0 address 02:00:00:00:00:b0 type bridge; ip link set br0 up",
      "ip tuntap add dev eth0 mode tap; ip link set eth0 master br0 up",
    ],
  };
  for (const [name, [more, before, lines]] of Object.entries(same))
    test(name, () =>
      withStage(async (s) => {
        const [ours, theirs] = [s.pod(), s.pod()];
        for (const pod of [ours, theirs]) if (before) pod.sh(before);
        const conf = tapConf(s, { ...more }, []);
        const added = await s.call("ADD", conf, { pod: ours });
        expect(added).toMatchObject({ exit: 0 });
        theirs.sh(lines);
        expect(snapshot(ours)).toEqual(snapshot(theirs));
        if ("mac" in more) expect(device(ours).address).toBe(mac);
        expect(await s.call("CHECK", { ...conf, prevResult: added.json }, { pod: ours })).toMatchObject({ exit: 0 });
      }),
    );
});

/** Opens a tap device that is there, as a virtual machine does; gives its descriptor, which does not block. */
const attach = (flags: number): number => {
  const NONBLOCK = 0o4000;
  const TUNSETIFF = 0x400454ca;
  const fd = openSync("/dev/net/tun", O.rdwr | NONBLOCK);
  const ifreq = new Uint8Array(40);
  ifreq.set(cstr("eth0"));
  new DataView(ifreq.buffer).setUint16(16, flags, true);
  expect(sys("ioctl", fd, TUNSETIFF, ifreq)).toBe(0);
  return fd;
};

for (const multiQueue of [false, true])
  test(`who opens the device gets the pod's frames, ${multiQueue ? "with several queues" : "with one queue"}`, () =>
    withStage(async (s) => {
      const pod = s.pod();
      await s.call("ADD", tapConf(s, { multiQueue }), { pod });
      const [TAP, NO_PI, MULTI_QUEUE] = [2, 0x1000, 0x100];
      const fds = s.kernel
        .open(pod.path)
        .enter(() => (multiQueue ? [1, 2] : [1]).map(() => attach(TAP | NO_PI | (multiQueue ? MULTI_QUEUE : 0))));
      // Unheard of, the gateway is asked for: a frame to all, of type ARP.
      pod.sh("bash -c 'echo x >/dev/udp/10.1.2.1/9'");
      const ARP = 0x0806;
      const types: number[] = [];
      const frame = new Uint8Array(2048);
      using epoll = openEpoll();
      for (const fd of fds) epoll.add(fd, EPOLL.in, fd);
      const read = (fd: number): void => {
        while (sys("read", fd, frame, frame.length) > 0) types.push(new DataView(frame.buffer).getUint16(12));
      };
      while (!types.includes(ARP) && epoll.wait(10_000, read) > 0);
      for (const fd of fds) closeSync(fd);
      expect(types).toContain(ARP);
      // It outlives whoever had it open.
      expect(device(pod).ifname).toBe("eth0");
    }));

describe("what cannot be is refused before anything is touched", () => {
  const refused = (inPod: string, more: object, said: RegExp, fix: RegExp, code: number) =>
    withStage(async (s) => {
      const pod = s.pod();
      if (inPod) pod.sh(inPod);
      const was = [snapshot(s.host), snapshot(pod), s.store()];
      const { exit, json } = await s.call("ADD", tapConf(s, { ...more }), { pod });
      expect({ exit, code: json.code }).toEqual({ exit: 1, code });
      expect(String(json.msg)).toMatch(said);
      expect(String(json.details ?? "")).toMatch(fix);
      expect([snapshot(s.host), snapshot(pod), s.store()]).toEqual(was);
    });

  test("an interface name that the pod has", () =>
    refused("ip link add eth0 type veth", {}, /interface eth0 in .* is there already \(veth\)/, /CNI_IFNAME/, 102));
  test("a bridge that is not there", () =>
    refused(
      "",
      { bridge: "br0" },
      /bridge br0 in .*: there is no such device/,
      /^ip -n \S+ link add name br0 type/,
      103,
    ));
  test("a bridge that is none", () =>
    refused("ip link add br0 type veth", { bridge: "br0" }, /is there and is a veth/, /link del dev br0/, 102));
  test("layer 2 in a version whose results need an address", () =>
    refused("", { cniVersion: "0.2.0", ipam: {} }, /a config without ipam/, /^$/, 1));
  test("an MTU that the device cannot have", () => refused("", { mtu: 65535 }, /mtu/, /^/, 105));
});

test("an SELinux context is refused where there is no SELinux, by STATUS too", () =>
  withStage(async (s) => {
    if (hasSelinux()) return;
    const pod = s.pod();
    const was = [snapshot(pod), s.store()];
    const conf = tapConf(s, { selinuxContext: "system_u:system_r:container_t:s0" });
    expect(await s.call("ADD", conf, { pod })).toMatchObject({ exit: 1, json: { code: 2 } });
    expect([snapshot(pod), s.store()]).toEqual(was);
    expect(await s.call("STATUS", conf)).toMatchObject({ exit: 1, json: { code: 50 } });
  }));

describe("an ADD whose n-th operation fails leaves everything as it was", () => {
  const configs = {
    "dual stack": { mtu: 1400, multiQueue: true, owner: 1, mac: "02:42:ac:11:00:02" },
    "layer 2, in a bridge": { ipam: {}, bridge: "br0" },
  };
  for (const [name, more] of Object.entries(configs))
    test(name, () =>
      withStage(async (s) => {
        const bridged = (pod: TestNetns) => pod.sh("ip link add br0 type bridge; ip link set br0 up");
        const look = (pod: TestNetns) => [snapshot(s.host), snapshot(pod), s.store()];
        const first = s.pod();
        bridged(first);
        const was = look(first);
        for (let n = 1; ; n++) {
          using pod = makeNetns();
          bridged(pod);
          const { kernel, done } = countingKernel(s.kernel, n);
          const { exit, json } = await s.call("ADD", tapConf(s, more, dual), { pod }, kernel);
          const seen = look(pod);
          s.kernel.forget(pod.path);
          if (exit === 0) {
            expect(done.length).toBe(n - 1);
            break;
          }
          expect(String(json.msg)).toContain("as planned");
          expect({ n, op: done[n - 1], seen }).toEqual({ n, op: done[n - 1], seen: was });
        }
      }),
    );
});
