/** Lists of qdiscs, classes and filters beside `tc`, and what the kernel says to what cannot be. */
import { expect, test } from "bun:test";
import { tcPlaces } from "../../kernel/codec/route/tc.ts";
import type { TestNetns } from "../../kernel/testing/netns.ts";
import { withNetns } from "../../kernel/testing/netns.ts";
import { apply } from "../apply.ts";
import { type Netns, openKernel } from "../kernel.ts";
import { linkIndex } from "../links.ts";
import { listClasses } from "./classes.ts";
import { listFilters, redirectOf, tcProtocols } from "./filters.ts";
import { handleText, makeHandle } from "./handles.ts";
import { findQdisc, listQdiscs } from "./qdiscs.ts";
import { ticksToBytes, tokenBucket } from "./units.ts";

const GROUND = `
ip link add q0 type veth peer name q1
ip link add ifb0 type ifb
tc qdisc add dev q0 root handle 1: htb default 10
tc class add dev q0 parent 1: classid 1:10 htb rate 1mbit ceil 40gbit burst 5000 quantum 2000 prio 3
tc qdisc add dev q0 parent 1:10 handle 20: pfifo limit 7
tc qdisc add dev q0 clsact
tc filter add dev q0 ingress protocol ip pref 7 u32 match ip dst 10.0.0.0/8 flowid 1:1
tc filter add dev q0 ingress protocol all pref 9 u32 match u32 0 0 action mirred egress redirect dev ifb0
tc qdisc add dev q1 root handle 5: tbf rate 40gbit burst 10mb limit 20000
`;

const withGround = (act: (ours: Netns, ns: TestNetns) => void): Promise<void> =>
  withNetns((ns) => {
    ns.sh(GROUND);
    using kernel = openKernel();
    act(kernel.open(ns.path), ns);
  });

interface Row {
  readonly dev: string;
  readonly kind: string;
  readonly handle: string;
  readonly parent?: string;
  readonly root?: true;
}

test("qdiscs: kind, handle, place", () =>
  withGround((ours, ns) => {
    const index = new Map(ns.ipJson<{ ifname: string; ifindex: number }>("link").map((l) => [l.ifname, l.ifindex]));
    const place = (r: Row): string => (r.root ? "ffff:ffff" : (r.parent ?? ""));
    const theirs = ns.tcJson<Row>("qdisc show").map((r) => [index.get(r.dev), r.kind, r.handle, place(r)]);
    const own = listQdiscs(ours).map((q) => [q.link, q.info.kind, handleText(q.handle), handleText(q.parent)]);
    expect(own.map(String).sort()).toEqual(theirs.map(String).sort());
    const tbf = findQdisc(ours, index.get("q1")!, tcPlaces.root)!;
    expect(tbf.info).toMatchObject({ kind: "tbf", data: { rate: { rate: 5_000_000_000 }, limit: 20_000 } });
    // In ticks of 64 ns, which are 320 bytes at this rate.
    const buffer = (tbf.info as { data: { buffer: number } }).data.buffer;
    expect(Math.abs(ticksToBytes(buffer, 5_000_000_000) - 10 * 1024 * 1024)).toBeLessThanOrEqual(320);
    expect(findQdisc(ours, index.get("ifb0")!, tcPlaces.clsact)).toBeUndefined();
  }));

test("classes and filters", () =>
  withGround((ours) => {
    const q0 = linkIndex(ours, "q0");
    expect(listClasses(ours, q0, makeHandle(1))).toMatchObject([
      {
        classid: makeHandle(1, 0x10),
        info: { kind: "htb", data: { rate: { rate: 125_000 }, ceil: { rate: 5_000_000_000 }, prio: 3, quantum: 2000 } },
      },
    ]);
    const filters = listFilters(ours, q0, tcPlaces.ingress).filter((f) => (f.handle & 0xfff) !== 0);
    expect(filters.map((f) => [f.prio, f.protocol, f.info.kind, redirectOf(f)])).toEqual([
      [7, tcProtocols.ip, "u32", undefined],
      [9, tcProtocols.all, "u32", linkIndex(ours, "ifb0")],
    ]);
  }));

test("what passes a qdisc is counted as tc counts it", () =>
  withGround((ours, ns) => {
    // One packet and no more: nobody asks for routers or for addresses between the two looks.
    ns.sh(`sysctl -q -w net.ipv6.conf.all.disable_ipv6=1
ip link set q0 up; ip link set q1 up; ip address add 10.0.0.1/24 dev q1
ip neighbour add 10.0.0.9 lladdr 02:00:00:00:00:09 dev q1
bash -c 'echo x > /dev/udp/10.0.0.9/9'`);
    const seen = JSON.parse(ns.sh("tc -s -j qdisc show dev q1")) as { bytes: number; packets: number; drops: number }[];
    const { bytes, packets, drops } = findQdisc(ours, linkIndex(ours, "q1"), tcPlaces.root)!;
    expect([bytes, packets, drops]).toEqual([seen[0]!.bytes, seen[0]!.packets, seen[0]!.drops]);
    expect(packets).toBe(1);
  }));

test("an error begins with the line that a person would have typed, and has the kernel's words", () =>
  withGround((ours, ns) => {
    using kernel = openKernel();
    const info = { kind: "tbf", data: tokenBucket({ rate: 1000, burst: 2000, limit: 3000 }) } as const;
    const add = (link: string, parent: number) => () =>
      apply(kernel, [{ do: "qdisc.add", in: ns.path, qdisc: { link, parent, handle: makeHandle(9), info } }]);
    expect(add("q1", tcPlaces.root)).toThrow(/^tc -n \S+ qdisc add dev q1 root handle 9: tbf rate 8000bit .*EEXIST: /);
    expect(add("none0", tcPlaces.root)).toThrow(/link none0: there is no such device/);
    expect(add("q0", makeHandle(3, 1))).toThrow(/ENOENT|EOPNOTSUPP|EINVAL/);
    expect(ours.path).toBe(ns.path);
  }));
