/** A link that moves to another namespace and back is, for `ip`, where and what it was. */
import { expect, test } from "bun:test";
import { type TestNetns, withNetns } from "../kernel/testing/netns.ts";
import { snapshot } from "../kernel/testing/snapshot.ts";
import { apply } from "./apply.ts";
import { openKernel } from "./kernel.ts";
import { needLink } from "./links.ts";
import { lossesOf, regain } from "./losses.ts";
import type { Step } from "./plan/step.ts";

/** A link with everything that moving takes from it. No addresses that the kernel makes up. */
const GROUND = `
sysctl -q -w net.ipv6.conf.all.addr_gen_mode=1 net.ipv6.conf.default.addr_gen_mode=1 net.ipv6.conf.default.accept_dad=0
ip link set lo up
ip link add br0 type bridge
ip link add w0 address 02:00:00:00:01:00 mtu 1400 type veth peer name w1 address 02:00:00:00:01:01
ip link set w0 alias "the uplink" group 7
for l in br0 w0 w1; do ip link set $l up; done
ip address add 10.0.0.1/24 brd + dev w0
ip address add 10.0.0.7/24 dev w0
ip address add 10.9.0.1 peer 10.9.0.2/32 dev w0
ip address add fd00::1/64 dev w0 nodad
ip address add fe80::77/64 dev w0
ip address add 10.5.0.1/24 dev w1
ip route add 10.77.0.1 dev w0 scope link
ip route add default via 10.77.0.1 dev w0 proto static metric 50
ip route add 10.8.0.0/16 via 10.0.0.9
ip route append 10.8.0.0/16 via 10.0.0.10
ip route add 10.6.0.0/16 via 10.0.0.9 table 77
ip route add 10.4.0.0/16 nexthop via 10.0.0.9 weight 2 nexthop via 10.5.0.9
ip route add fd01::/64 via fd00::2
`;

const onGround = (act: (host: TestNetns, pod: TestNetns) => void): Promise<void> =>
  withNetns((host) =>
    withNetns((pod) => {
      host.sh(GROUND);
      act(host, pod);
    }),
  );

const move = (host: TestNetns, pod: TestNetns, more: object = {}): Step => ({
  do: "link.set",
  in: host.path,
  name: "w0",
  set: { netns: pod.path, name: "eth0", ...more },
});

test("undone, it has its name, values, addresses and routes again, and is up", () =>
  onGround((host, pod) => {
    using kernel = openKernel();
    const before = [snapshot(host), snapshot(pod)];
    const way = apply(kernel, [move(host, pod, { mtu: 1300 })]);
    expect(pod.ipJson("link show eth0")).toMatchObject([{ ifname: "eth0", mtu: 1300, address: "02:00:00:00:01:00" }]);
    expect(snapshot(host)).not.toEqual(before[0]!);
    expect(way.undo()).toEqual([]);
    expect([snapshot(host), snapshot(pod)]).toEqual(before);
  }));

test("undone, a port is one again", () =>
  onGround((host, pod) => {
    host.sh("ip route del 10.4.0.0/16; ip -6 route del fd01::/64; ip address flush dev w0; ip link set w0 master br0");
    using kernel = openKernel();
    const before = [snapshot(host), snapshot(pod)];
    expect(apply(kernel, [move(host, pod)]).undo()).toEqual([]);
    expect([snapshot(host), snapshot(pod)]).toEqual(before);
  }));

test("an address that is lent for a time comes back for no longer", () =>
  onGround((host, pod) => {
    host.ip("address add 10.3.0.1/24 dev w0 valid_lft 100000 preferred_lft 50000");
    using kernel = openKernel();
    apply(kernel, [move(host, pod)]).undo();
    type Row = { addr_info: { local: string; valid_life_time: number; preferred_life_time: number }[] };
    const lent = host.ipJson<Row>("address show dev w0")[0]?.addr_info.find((a) => a.local === "10.3.0.1");
    expect(lent?.valid_life_time).toBeWithin(99_000, 100_001);
    expect(lent?.preferred_life_time).toBeWithin(49_000, 50_001);
  }));

for (const [why, made, more] of [
  ["its new name is taken there", "ip link add eth0 type bridge", {}],
  ["both its names are taken there", "ip link add eth0 type bridge; ip link add w0 type bridge", {}],
  ["it takes no such MTU", "ip link add w0 type bridge", { mtu: 65536 * 2 }],
] as const)
  test(`when ${why}, it stays what and where it was`, () =>
    onGround((host, pod) => {
      pod.sh(made);
      using kernel = openKernel();
      const before = [snapshot(host), snapshot(pod)];
      expect(() => apply(kernel, [move(host, pod, more)])).toThrow(/^ip .* link set dev w0 name eth0/);
      expect([snapshot(host), snapshot(pod)]).toEqual(before);
    }));

test("what is there again by itself is left as it is, and taking that back leaves it, too", () =>
  onGround((host) => {
    using kernel = openKernel();
    const door = kernel.open(host.path);
    const before = snapshot(host);
    const way = apply(kernel, regain(host.path, lossesOf(door, needLink(door, "w0"))));
    expect(snapshot(host)).toEqual(before);
    expect(way.undo()).toEqual([]);
    expect(snapshot(host)).toEqual(before);
  }));

test("where its old name is taken it moves under the new one", () =>
  onGround((host, pod) => {
    pod.ip("link add w0 type bridge");
    using kernel = openKernel();
    apply(kernel, [move(host, pod)]);
    expect(
      pod
        .ipJson<{ ifname: string }>("link")
        .map((l) => l.ifname)
        .sort(),
    ).toEqual(["eth0", "lo", "w0"]);
  }));
