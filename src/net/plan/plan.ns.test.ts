/**
 * Every kind of step, done twice: by `apply` in one namespace, and as the rendered line typed into a shell for another.
 * `ip` must not be able to tell the two apart. Taken back, `ip` must not see that anything happened.
 */
import { expect, test } from "bun:test";
import { bridgeVlanFilteringProbe } from "../../kernel/probe/bridge-vlan-filtering.ts";
import { type TestNetns, withNetns } from "../../kernel/testing/netns.ts";
import { run } from "../../kernel/testing/run.ts";
import { skipUnless } from "../../kernel/testing/skip.ts";
import { snapshot } from "../../kernel/testing/snapshot.ts";
import { apply } from "../apply.ts";
import { openKernel } from "../kernel.ts";
import { render } from "./render.ts";
import type { Step, StepName } from "./step.ts";
import { cases, type Others } from "./testing/cases.ts";

/** The ground: a bridge with one port, a free veth pair, a tunnel, addresses. No addresses that the kernel makes up. */
const GROUND = `
sysctl -q -w net.ipv6.conf.all.addr_gen_mode=1 net.ipv6.conf.default.addr_gen_mode=1 net.ipv6.conf.default.accept_dad=0
ip link set lo up
ip link add br0 address 02:00:00:00:00:b0 type bridge
ip link add v0 address 02:00:00:00:00:00 type veth peer name v1 address 02:00:00:00:00:01
ip link add w0 address 02:00:00:00:01:00 type veth peer name w1 address 02:00:00:00:01:01
ip link set v0 master br0
ip link add q0 address 02:00:00:00:07:00 type veth peer name q1 address 02:00:00:00:07:01
ip link add ifb0 address 02:00:00:00:07:02 type ifb
ip link add vx0 address 02:00:00:00:02:00 type vxlan id 42 local 10.0.0.1 dstport 4789 nolearning
for l in br0 v0 v1 w0 w1 vx0 q0 q1 ifb0; do ip link set $l up; done
ip address add 10.0.0.1/24 dev br0
ip address add fd00::1/64 dev br0
ip address add 10.50.0.1/24 dev w1 scope link
ip neighbour add 10.0.0.9 lladdr 02:00:00:00:00:09 dev br0
tc qdisc add dev q0 root handle 1: htb default 10 r2q 10
tc class add dev q0 parent 1: classid 1:1 htb rate 8mbit burst 10000 cburst 10000 quantum 3000
tc class add dev q0 parent 1:1 classid 1:10 htb rate 1mbit ceil 40gbit burst 5000 cburst 6000 quantum 2000 prio 3
tc class add dev q0 parent 1:1 classid 1:20 htb rate 1mbit burst 5000 cburst 6000 quantum 2000
tc qdisc add dev q0 parent 1:10 handle 20: pfifo limit 7
tc filter add dev q0 parent 1: protocol ip pref 5 u32 match ip dst 10.0.0.0/8 flowid 1:10
tc qdisc add dev q0 clsact
tc filter add dev q0 ingress protocol ip pref 7 u32 match ip dst 10.0.0.0/8 flowid 1:1
tc filter add dev q0 ingress protocol ip pref 7 u32 match ip dst 11.0.0.0/8 action mirred egress mirror dev ifb0
tc filter add dev q0 ingress protocol all pref 9 u32 match u32 0 0 action mirred egress redirect dev ifb0
tc qdisc add dev q1 root handle 5: tbf rate 10mbit burst 10000 limit 20000
`;
const SYSCTLS = ["net/ipv4/ip_forward", "net/ipv4/conf/w0/rp_filter", "net/ipv4/ping_group_range"];

const stepsOf = <K extends keyof typeof cases>(kind: K, o: Others, into: string): Step[] =>
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
const kinds = Object.keys(cases) as (keyof typeof cases)[];

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
