import { expect, test } from "bun:test";
import fc from "fast-check";
import { parseCidr } from "../../base/cidr.ts";
import { parseIp } from "../../base/ip.ts";
import { withNetns } from "../../kernel/testing/netns.ts";
import { apply } from "../apply.ts";
import { openKernel } from "../kernel.ts";
import type { LinkSpec } from "../links.ts";
import type { RouteSpec } from "../routes.ts";
import type { RuleSpec } from "../rules.ts";
import { diffRoutes, diffState, type NetWish } from "./diff.ts";
import { readState } from "./state.ts";

const pick = <T>(...values: T[]) => fc.constantFrom(...values);
const maybe = <T>(a: fc.Arbitrary<T>) => fc.option(a, { nil: undefined });
/** Keys that are undefined are left out. */
const some = <T>(value: object): T => Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as T;

const link = fc
  .record({
    name: pick("pw0", "pw1", "pw2"),
    info: fc.constant({ kind: "bridge" as const }),
    alias: pick("podwire a", "podwire b"),
    mtu: maybe(pick(1400, 1450)),
    up: fc.constant(true),
  })
  .map((l) => some<LinkSpec>(l));
const address = fc.record({
  link: fc.constant("base0"),
  address: pick("10.7.0.1/24", "10.8.0.1/24", "fd07::1/64").map((t) => parseCidr(t)),
});
const route = fc
  .oneof(
    fc.record({
      dst: pick("10.1.0.0/24", "10.2.0.0/16", "0.0.0.0/0").map((t) => parseCidr(t)),
      gw: pick("10.0.0.2", "10.0.0.3").map((t) => parseIp(t)),
      link: maybe(fc.constant("base0")),
      priority: maybe(pick(5, 6)),
      table: maybe(fc.constant(1000)),
      mtu: maybe(pick(1300, 1400)),
    }),
    fc.record({
      dst: pick("fd01::/64", "fd02::/48").map((t) => parseCidr(t)),
      gw: pick("fd00::2", "fd00::3").map((t) => parseIp(t)),
      priority: maybe(pick(5, 1024)),
    }),
    fc.record({
      dst: pick("10.1.0.0/24", "10.3.0.0/24").map((t) => parseCidr(t)),
      nexthops: fc.constant([
        { gw: parseIp("10.0.0.2"), weight: 2 },
        { gw: parseIp("10.0.0.3"), link: "base0" },
      ]),
    }),
    fc.record({
      dst: pick("10.1.0.0/24", "fd01::/64").map((t) => parseCidr(t)),
      type: pick("blackhole" as const, "unreachable" as const),
    }),
  )
  .map((r) => some<RouteSpec>(r));
const rule = fc
  .record({
    family: pick(4 as const, 6 as const),
    table: pick(1000, 1001),
    priority: pick(500, 501),
    mark: maybe(pick(1, 16)),
  })
  .map((r) => some<RuleSpec>(r));
const key = (r: RouteSpec): string =>
  `${r.dst.ip}/${r.dst.prefix} ${r.table ?? 254} ${r.priority ?? (r.dst.ip.includes(":") ? 1024 : 0)}`;
const wish: fc.Arbitrary<NetWish> = fc.record({
  links: fc.uniqueArray(link, { selector: (l) => l.name }),
  addresses: fc.uniqueArray(address, { selector: (a) => a.address.ip }),
  routes: fc.uniqueArray(route, { selector: key, maxLength: 6 }),
  rules: fc.uniqueArray(rule, { selector: (r) => `${r.family} ${r.priority}`, maxLength: 4 }),
  sysctls: pick("0", "1").map((v) => ({ "net/ipv4/ip_forward": v })),
});

test("from any state, the difference leads to what is wanted, and then there is none; what is not ours stays", () =>
  withNetns((ns) => {
    using kernel = openKernel();
    ns.sh(`sysctl -q -w net.ipv6.conf.default.accept_dad=0
      ip link add base0 type bridge; ip link set base0 alias 'podwire base'; ip link set base0 up
      ip link add foreign0 type bridge; ip link set foreign0 up; ip address add 10.99.0.1/24 dev foreign0
      ip address add 10.0.0.1/24 dev base0; ip address add fd00::1/64 dev base0
      ip route add 10.98.0.0/24 via 10.99.0.2; ip rule add table 7 priority 700`);
    const base: LinkSpec = { name: "base0", info: { kind: "bridge" }, alias: "podwire base", up: true };
    const own = ["10.0.0.1/24", "fd00::1/64"].map((t) => ({ link: "base0", address: parseCidr(t) }));
    const foreign = () => [
      ns.ipJson("address show foreign0").length,
      ns.ipJson("route show 10.98.0.0/24").length,
      ns.ipJson("rule show priority 700").length,
    ];
    fc.assert(
      fc.property(wish, (w) => {
        const want: NetWish = { ...w, links: [base, ...(w.links ?? [])], addresses: [...own, ...(w.addresses ?? [])] };
        const names = Object.keys(want.sysctls ?? {});
        const live = () => readState(kernel.open(ns.path), names);
        apply(kernel, diffState(ns.path, want, live()));
        expect(diffState(ns.path, want, live())).toEqual([]);
        const ours =
          ns.ipJson("-4 route show table all proto 112").length + ns.ipJson("-6 route show table all proto 112").length;
        expect(ours).toBe(want.routes?.length ?? 0);
        expect(foreign()).toEqual([1, 1, 1]);
      }),
      { numRuns: 60 },
    );
  }));

test("a route of someone else in the place of ours is not overwritten: the add fails and says so", () =>
  withNetns((ns) => {
    using kernel = openKernel();
    ns.sh("ip link set lo up; ip route add blackhole 10.1.0.0/24");
    const want: RouteSpec = { dst: parseCidr("10.1.0.0/24"), type: "unreachable" };
    const steps = diffRoutes(ns.path, [want], readState(kernel.open(ns.path)).routes);
    expect(steps.map((s) => s.do)).toEqual(["route.add"]);
    expect(() => apply(kernel, steps)).toThrow(
      /ip -n \S+ route add unreachable 10.1.0.0\/24 proto 112: it is there already \(EEXIST\)/,
    );
    expect(ns.ipJson("route show 10.1.0.0/24")[0]?.type).toBe("blackhole");
  }));
