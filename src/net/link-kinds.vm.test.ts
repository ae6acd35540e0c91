/** Links of kinds that this machine's kernel may lack: steps, and their lines typed into a shell, make the same. */
import { expect, test } from "bun:test";
import { parseMac } from "../base/mac.ts";
import { withNetns } from "../kernel/testing/netns.ts";
import { run } from "../kernel/testing/run.ts";
import { snapshot } from "../kernel/testing/snapshot.ts";
import { apply } from "./apply.ts";
import { openKernel } from "./kernel.ts";
import { findLink, type LinkSpec } from "./links.ts";
import { render } from "./plan/render.ts";
import type { Step } from "./plan/step.ts";

const ground = `
sysctl -q -w net.ipv6.conf.all.addr_gen_mode=1 net.ipv6.conf.default.addr_gen_mode=1
ip link add w0 address 02:00:00:00:01:00 type veth peer name w1 address 02:00:00:00:01:01
ip link set w0 up; ip link set w1 up`;

/** All links of type ipvlan on one master have one mode. */
const kinds: readonly Omit<LinkSpec, "name">[] = [
  { lower: "w0", info: { kind: "vlan", data: { id: 100 } } },
  { lower: "w0", mtu: 1400, info: { kind: "vlan", data: { id: 7, protocol: 0x88a8 } } },
  { lower: "w0", info: { kind: "ipvlan", data: { mode: 0 } } },
  { lower: "w1", mtu: 1400, info: { kind: "ipvlan", data: { mode: 2, flags: 2 } } },
  { mac: parseMac("02:00:00:00:01:02"), info: { kind: "dummy" } },
];

for (const elsewhere of [false, true])
  test(`vlan, ipvlan and dummy, born ${elsewhere ? "in another namespace" : "beside their master"}`, () =>
    withNetns((a) =>
      withNetns((otherA) =>
        withNetns((b) =>
          withNetns((otherB) => {
            for (const ns of [a, b]) ns.sh(ground);
            const stepsIn = (into: string, other: string): Step[] =>
              kinds.map((kind, i) => {
                const place = elsewhere ? { netns: other, alias: "podwire net1/pod/n" } : {};
                return { do: "link.add", in: into, link: { ...kind, ...place, name: `n${i}` } };
              });
            using kernel = openKernel();
            const before = [snapshot(a), snapshot(otherA)];
            const way = apply(kernel, stepsIn(a.path, otherA.path));
            run(["sh", "-ec", stepsIn(b.path, otherB.path).map(render).join("\n")]);
            const applied = [snapshot(a), snapshot(otherA)];
            expect(applied).toEqual([snapshot(b), snapshot(otherB)]);
            const born = kernel.open(elsewhere ? otherA.path : a.path);
            for (const [i, { info }] of kinds.entries()) expect(findLink(born, `n${i}`)?.info).toMatchObject(info);
            expect(way.undo()).toEqual([]);
            expect([snapshot(a), snapshot(otherA)]).toEqual(before);
          }),
        ),
      ),
    ));
