/** VRFs: our steps beside `ip`'s lines, and what joining one takes from a link given back. */
import { expect, test } from "bun:test";
import { parseMac } from "../base/mac.ts";
import { type TestNetns, withNetns } from "../kernel/testing/netns.ts";
import { snapshot } from "../kernel/testing/snapshot.ts";
import { apply } from "./apply.ts";
import { openKernel } from "./kernel.ts";
import { findLink } from "./links.ts";
import { render } from "./plan/render.ts";
import type { Step } from "./plan/step.ts";

/** A link with addresses and routes; the rules that come with the first VRF are there already, and no multicast counts. */
const onGround = (act: (ns: TestNetns) => void | Promise<void>): Promise<void> =>
  withNetns((ns) => {
    ns.sh(`ip -batch - <<END
      link add first type vrf table 4242
      link del first
      link add d0 address 02:00:00:00:00:0d type dummy
      link set d0 addrgenmode none
      link set d0 up
      address add 10.0.0.1/24 dev d0
      address add fd00::1/64 dev d0 nodad
      route add default via 10.0.0.9
      route add fd01::/64 via fd00::9
END`);
    return act(ns);
  });
const view = (ns: TestNetns) => ({ ...snapshot(ns), fdb: undefined });

const steps = (into: string): Step[] => [
  {
    do: "link.add",
    in: into,
    link: { name: "red", mac: parseMac("02:00:00:00:00:0e"), info: { kind: "vrf", data: { table: 70000 } } },
  },
  { do: "link.set", in: into, name: "red", set: { up: true } },
  { do: "link.set", in: into, name: "d0", set: { master: "red" } },
];

test("made and joined by steps and by their lines, a VRF is the same; taken back, nothing has happened", () =>
  onGround((ours) =>
    onGround((theirs) => {
      using kernel = openKernel();
      const before = view(ours);
      const way = apply(kernel, steps(ours.path));
      theirs.sh(steps("").map(render).join("\n"));
      expect(view(ours)).toEqual(view(theirs));
      const [red, d0] = ["red", "d0"].map((name) => findLink(kernel.open(ours.path), name)?.info);
      expect(red).toMatchObject({ kind: "vrf", data: { table: 70000 } });
      expect(d0).toMatchObject({ slaveKind: "vrf", vrfPort: { table: 70000 } });
      expect(way.undo()).toEqual([]);
      expect(view(ours)).toEqual(before);
    }),
  ));

test("a link that leaves a VRF is given back what it had there when that is undone", () =>
  onGround((ns) => {
    using kernel = openKernel();
    apply(kernel, steps(ns.path));
    ns.sh("ip route add 10.8.0.0/16 via 10.0.0.9 vrf red");
    const before = view(ns);
    const way = apply(kernel, [{ do: "link.set", in: ns.path, name: "d0", set: { master: null } }]);
    expect(ns.ipJson<{ master?: string }>("link show d0")[0]?.master).toBeUndefined();
    expect(way.undo()).toEqual([]);
    expect(view(ns)).toEqual(before);
  }));
