/**
 * Every kind of step, done twice: by `apply` in one namespace, and as the rendered line typed into a shell for another.
 * `ip` must not be able to tell the two apart. Taken back, `ip` must not see that anything happened.
 */
import { expect, test } from "bun:test";
import { parseCidr } from "../../base/cidr.ts";
import { parseIp } from "../../base/ip.ts";
import { parseMac } from "../../base/mac.ts";
import { bridgeVlanFilteringProbe } from "../../kernel/probe/bridge-vlan-filtering.ts";
import { type TestNetns, withNetns } from "../../kernel/testing/netns.ts";
import { run } from "../../kernel/testing/run.ts";
import { skipUnless } from "../../kernel/testing/skip.ts";
import { snapshot } from "../../kernel/testing/snapshot.ts";
import { apply } from "../apply.ts";
import { openKernel } from "../kernel.ts";
import { render } from "./render.ts";
import type { Step, StepName, Steps } from "./step.ts";

const ip = parseIp;
const cidr = parseCidr;
const mac = parseMac;

/** The ground: a bridge with one port, a free veth pair, a tunnel, addresses. No addresses that the kernel makes up. */
const GROUND = `
sysctl -q -w net.ipv6.conf.all.addr_gen_mode=1 net.ipv6.conf.default.addr_gen_mode=1 net.ipv6.conf.default.accept_dad=0
ip link set lo up
ip link add br0 address 02:00:00:00:00:b0 type bridge
ip link add v0 address 02:00:00:00:00:00 type veth peer name v1 address 02:00:00:00:00:01
ip link add w0 address 02:00:00:00:01:00 type veth peer name w1 address 02:00:00:00:01:01
ip link set v0 master br0
ip link add vx0 address 02:00:00:00:02:00 type vxlan id 42 local 10.0.0.1 dstport 4789 nolearning
for l in br0 v0 v1 w0 w1 vx0; do ip link set $l up; done
ip address add 10.0.0.1/24 dev br0
ip address add fd00::1/64 dev br0
ip address add 10.50.0.1/24 dev w1 scope link
ip neighbour add 10.0.0.9 lladdr 02:00:00:00:00:09 dev br0
`;
const SYSCTLS = ["net/ipv4/ip_forward", "net/ipv4/conf/w0/rp_filter", "net/ipv4/ping_group_range"];

type Case<K extends StepName> = Steps[K];
type Others = { readonly other: string };

/** Total over the steps: a new kind of step must come with an example here. */
const cases: { readonly [K in StepName]: (o: Others) => readonly Case<K>[] } = {
  "link.add": ({ other }) => [
    { link: { name: "n0", info: { kind: "bridge" }, mac: mac("02:00:00:00:03:00"), mtu: 1400, up: true } },
    {
      link: {
        name: "n1",
        mac: mac("02:00:00:00:03:01"),
        info: {
          kind: "bridge",
          data: { forwardDelay: 400, ageingTime: 100, stpState: 1, mcastSnooping: 0, priority: 100, helloTime: 100 },
        },
      },
    },
    {
      link: {
        name: "n2",
        info: { kind: "veth" },
        mac: mac("02:00:00:00:03:02"),
        mtu: 1300,
        up: true,
        master: "br0",
        alias: "podwire it's $HOME `id` 한국어",
        peer: { name: "n3", mac: mac("02:00:00:00:03:03"), mtu: 1280 },
      },
    },
    {
      link: {
        name: "n4",
        info: { kind: "veth" },
        mac: mac("02:00:00:00:03:04"),
        peer: { name: "eth0", mac: mac("02:00:00:00:03:05"), netns: other },
      },
    },
    { link: { name: "n5", lower: "w0", mac: mac("02:00:00:00:03:06"), info: { kind: "macvlan", data: { mode: 4 } } } },
    { link: { name: "n6", lower: "w0", mac: mac("02:00:00:00:03:07"), info: { kind: "macvlan", data: { mode: 1 } } } },
    {
      link: {
        name: "n7",
        mac: mac("02:00:00:00:03:08"),
        group: 7,
        lower: "br0",
        info: {
          kind: "vxlan",
          data: {
            id: 7,
            local: ip("10.0.0.1"),
            group: ip("239.1.1.1"),
            port: 8472,
            l2miss: 1,
            ttl: 5,
            learning: 1,
            ageing: 100,
          },
        },
      },
    },
    {
      link: {
        name: "n8",
        mac: mac("02:00:00:00:03:09"),
        info: { kind: "vxlan", data: { id: 8, local: ip("fd00::1"), port: 4790, learning: 0, proxy: 1, udpCsum: 0 } },
      },
    },
    { link: { name: "$(x)", mac: mac("02:00:00:00:03:0a"), info: { kind: "bridge" } } },
  ],
  "link.set": ({ other }) => [
    { name: "w0", set: { mtu: 1400, mac: mac("02:00:00:00:04:00"), alias: "podwire pod", group: 7, promisc: true } },
    { name: "w0", set: { master: "br0", up: true } },
    { name: "w0", set: { up: false, name: "renamed" } },
    { name: "v0", set: { master: null, alias: "" } },
    { name: "w1", set: { netns: other, name: "eth9" } },
  ],
  "link.del": () => [{ name: "w0" }, { name: "br0" }],
  "port.set": () => [
    { name: "v0", set: { hairpin: true, isolated: true } },
    { name: "v0", set: { learning: false } },
  ],
  "vlan.add": () => [{ vlan: { link: "v0", vid: 100, end: 110, untagged: true } }, { vlan: { link: "v0", vid: 7 } }],
  "vlan.del": () => [{ vlan: { link: "v0", vid: 1 } }],
  "address.add": () => [
    { address: { link: "w0", address: cidr("10.7.0.1/24") } },
    { address: { link: "w0", address: cidr("10.7.0.1/24"), broadcast: ip("10.7.0.255"), noprefixroute: true } },
    { address: { link: "w0", address: cidr("10.7.0.1/32"), scope: 253 } },
    { address: { link: "w0", address: cidr("10.7.0.1/32"), peer: cidr("10.7.0.2/32") } },
    { address: { link: "lo", address: cidr("127.9.0.1/8") } },
    { address: { link: "w0", address: cidr("fd07::1/64"), nodad: true } },
    { address: { link: "w0", address: cidr("fd07::1/128"), noprefixroute: true } },
  ],
  "address.del": () => [
    { address: { link: "br0", address: cidr("fd00::1/64") } },
    { address: { link: "w1", address: cidr("10.50.0.1/24") } },
  ],
  "route.add": () => [
    { route: { dst: cidr("10.1.0.0/24"), gw: ip("10.0.0.2"), mtu: 1300, advmss: 1200, priority: 7 } },
    { route: { dst: cidr("10.1.0.0/24"), link: "br0", src: ip("10.0.0.1") } },
    { route: { dst: cidr("0.0.0.0/0"), gw: ip("10.0.0.2"), link: "br0", table: 1000, protocol: 4 } },
    { route: { dst: cidr("10.1.0.0/24"), gw: ip("192.0.2.1"), link: "br0", onlink: true } },
    { route: { dst: cidr("10.1.0.0/24"), type: "blackhole" } },
    { route: { dst: cidr("10.1.0.0/24"), type: "unreachable", priority: 9 } },
    { route: { dst: cidr("10.1.0.0/24"), type: "local", link: "lo" } },
    { route: { dst: cidr("10.1.0.0/24"), gw: ip("fd00::9"), link: "br0" } },
    {
      route: {
        dst: cidr("10.1.0.0/24"),
        nexthops: [
          { gw: ip("10.0.0.2"), weight: 3 },
          { gw: ip("10.0.0.3"), link: "br0" },
        ],
      },
    },
    {
      route: {
        dst: cidr("10.1.0.0/24"),
        onlink: true,
        nexthops: [
          { gw: ip("192.0.2.1"), link: "br0" },
          { gw: ip("192.0.2.2"), link: "w0" },
        ],
      },
    },
    { route: { dst: cidr("fd01::/64"), gw: ip("fd00::2") } },
    { route: { dst: cidr("fd01::/64"), link: "w0", priority: 5, table: 300 } },
    { route: { dst: cidr("::/0"), gw: ip("fe80::1"), link: "br0" } },
    { route: { dst: cidr("fd01::/64"), type: "unreachable" } },
    { route: { dst: cidr("fd01::/64"), nexthops: [{ gw: ip("fd00::2"), weight: 2 }, { gw: ip("fd00::3") }] } },
  ],
  "route.replace": () => [
    { route: { dst: cidr("10.1.0.0/24"), gw: ip("10.0.0.2") } },
    { route: { dst: cidr("10.0.0.0/24"), link: "w0", scope: 253, mtu: 1000 } },
    { route: { dst: cidr("fd00::/64"), link: "w0", priority: 256 } },
  ],
  "route.append": () => [
    { route: { dst: cidr("10.0.0.0/24"), link: "w0" } },
    { route: { dst: cidr("fd00::/64"), gw: ip("fd00::7"), priority: 256 } },
  ],
  "route.del": () => [{ route: { dst: cidr("10.50.0.0/24"), link: "w1", protocol: 2, src: ip("10.50.0.1") } }],
  "rule.add": () => [
    { rule: { family: 4, table: 1000, priority: 500, from: cidr("10.0.0.0/8"), mark: 16, mask: 255 } },
    { rule: { family: 4, table: 100, priority: 501, to: cidr("10.9.0.0/16"), iif: "br0", mark: 1 } },
    { rule: { family: 6, table: 300, priority: 502, oif: "w0", protocol: 4, invert: true } },
    { rule: { family: 4, table: 254, priority: 503, suppressPrefixlen: 0 } },
  ],
  "rule.del": () => [{ rule: { family: 4, table: 253, priority: 32767, protocol: 2 } }],
  "neighbour.replace": () => [
    { neighbour: { ip: ip("10.0.0.2"), link: "br0", mac: mac("02:00:00:00:05:02") } },
    { neighbour: { ip: ip("10.0.0.9"), link: "br0", mac: mac("02:00:00:00:05:09") } },
    { neighbour: { ip: ip("fd00::2"), link: "br0", mac: mac("02:00:00:00:05:02") } },
  ],
  "neighbour.del": () => [{ neighbour: { ip: ip("10.0.0.9"), link: "br0" } }],
  "fdb.append": () => [
    { fdb: { mac: mac("00:00:00:00:00:00"), link: "vx0", dst: ip("10.0.0.7"), self: true, permanent: true } },
    { fdb: { mac: mac("02:00:00:00:06:01"), link: "vx0", dst: ip("10.0.0.8"), self: true } },
    { fdb: { mac: mac("02:00:00:00:06:02"), link: "v0" } },
    { fdb: { mac: mac("02:00:00:00:06:03"), link: "v0", permanent: true } },
  ],
  "fdb.del": () => [{ fdb: { mac: mac("02:00:00:00:00:00"), link: "v0", permanent: true } }],
  "sysctl.set": () => [
    { name: "net/ipv4/ip_forward", value: "1" },
    { name: "net/ipv4/conf/w0/rp_filter", value: "2" },
    { name: "net/ipv4/ping_group_range", value: "0 10" },
  ],
  "netns.add": ({ other }) => [{ path: `${other}x` }],
  "netns.del": ({ other }) => [{ path: other }],
};

const stepsOf = <K extends StepName>(kind: K, o: Others, into: string): Step[] =>
  cases[kind](o).map((c) => ({ do: kind, in: into, ...c }) as unknown as Step);

/** A namespace with the ground in it, and a bare one beside it. */
const withGround = (act: (ns: TestNetns, other: TestNetns) => void | Promise<void>): Promise<void> =>
  withNetns((ns) =>
    withNetns((other) => {
      ns.sh(GROUND);
      return act(ns, other);
    }),
  );

/** Deleting cannot be taken back, and a namespace is not inside itself. */
const oneWay: readonly StepName[] = ["link.del", "netns.del", "netns.add"];
const kinds = Object.keys(cases) as StepName[];

for (const kind of kinds.filter((k) => !k.startsWith("netns."))) {
  const check = kind.startsWith("vlan.") ? skipUnless(bridgeVlanFilteringProbe) : test;
  for (const [i, example] of stepsOf(kind, { other: "OTHER" }, "").entries()) {
    const line = render(example);
    check(`${line} [applied, and typed]`, () =>
      withGround((a, otherA) =>
        withGround((b, otherB) => {
          using kernel = openKernel();
          const step = stepsOf(kind, { other: otherA.path }, a.path)[i]!;
          const twin = stepsOf(kind, { other: otherB.path }, b.path)[i]!;
          const before = [snapshot(a, SYSCTLS), snapshot(otherA)];
          const way = apply(kernel, [step]);
          run(["sh", "-ec", render(twin)]);
          const applied = [snapshot(a, SYSCTLS), snapshot(otherA)];
          expect(applied).toEqual([snapshot(b, SYSCTLS), snapshot(otherB)]);
          expect(applied).not.toEqual(before);
          if (oneWay.includes(kind)) return;
          expect(way.undo()).toEqual([]);
          expect([snapshot(a, SYSCTLS), snapshot(otherA)]).toEqual(before);
        }),
      ),
    );
  }
}

for (const kind of ["netns.add", "netns.del"] as const)
  for (const named of [true, false])
    test(`${kind} of a ${named ? "name" : "path elsewhere"} is what a person would type`, () =>
      withNetns((ns) => {
        using kernel = openKernel();
        const path = named ? `${ns.path}x` : `/tmp/${ns.name}x`;
        const add: Step = { do: "netns.add", in: "", path };
        const del: Step = { do: "netns.del", in: "", path };
        const alive = (): boolean => kernel.inspect(path) === "other";
        const [byUs, byHand] = kind === "netns.add" ? [add, del] : [del, add];
        const type = (): void => void run(["sh", "-ec", render(byHand)]);
        const doIt = (): void => void apply(kernel, [byUs]);
        for (const act of kind === "netns.add" ? [doIt, type] : [type, doIt]) {
          act();
          expect(alive()).toBe(act === (kind === "netns.add" ? doIt : type));
        }
        expect(kernel.inspect(path)).toBe("missing");
      }));

/** A plan with a step of most kinds, each building on those before. */
const plan = (into: string): Step[] =>
  [
    stepsOf("link.add", { other: "" }, into).slice(0, 3),
    stepsOf("link.set", { other: "" }, into).slice(0, 2),
    stepsOf("port.set", { other: "" }, into).slice(0, 1),
    stepsOf("address.add", { other: "" }, into).slice(0, 1),
    stepsOf("address.del", { other: "" }, into),
    stepsOf("route.add", { other: "" }, into).slice(0, 1),
    stepsOf("route.replace", { other: "" }, into).slice(1, 2),
    stepsOf("rule.add", { other: "" }, into).slice(0, 1),
    stepsOf("neighbour.replace", { other: "" }, into).slice(1, 2),
    stepsOf("neighbour.del", { other: "" }, into),
    stepsOf("fdb.append", { other: "" }, into).slice(0, 1),
    stepsOf("sysctl.set", { other: "" }, into),
  ].flat();

test("a plan that fails at any of its steps leaves no trace", () =>
  withGround((ns) => {
    using kernel = openKernel();
    const before = snapshot(ns, SYSCTLS);
    const bad: Step = { do: "link.del", in: ns.path, name: "nothing0" };
    const steps = plan(ns.path);
    for (let n = 1; n <= steps.length; n++) {
      expect(() => apply(kernel, [...steps.slice(0, n), bad])).toThrow(/nothing0/);
      expect(snapshot(ns, SYSCTLS)).toEqual(before);
    }
  }));

test("a dry run prints every line and changes nothing", () =>
  withGround((ns) => {
    using kernel = openKernel();
    const before = snapshot(ns, SYSCTLS);
    const lines: string[] = [];
    apply(kernel, plan(ns.path), { dryRun: true, explain: (line) => lines.push(line) });
    expect(lines).toEqual(plan(ns.path).map(render));
    expect(snapshot(ns, SYSCTLS)).toEqual(before);
  }));
