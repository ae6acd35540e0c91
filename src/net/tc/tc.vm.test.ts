/** Kinds that not every kernel has, done by us and typed by a person: `tc` must not be able to tell the two apart. */
import { describe, expect, test } from "bun:test";
import { type QdiscInfo, tcPlaces } from "../../kernel/codec/route/tc.ts";
import { withNetns } from "../../kernel/testing/netns.ts";
import { run } from "../../kernel/testing/run.ts";
import { trafficControl } from "../../kernel/testing/snapshot.ts";
import { apply } from "../apply.ts";
import { openKernel } from "../kernel.ts";
import { render } from "../plan/render.ts";
import type { Step } from "../plan/step.ts";
import { tcProtocols } from "./filters.ts";
import { makeHandle } from "./handles.ts";
import { tokenBucket } from "./units.ts";

const GROUND = `
ip link add q0 address 02:00:00:00:07:00 type veth peer name q1 address 02:00:00:00:07:01
ip link add ifb0 address 02:00:00:00:07:02 type ifb
tc qdisc add dev q1 root handle 5: tbf rate 10mbit burst 10000 limit 20000
tc qdisc add dev q1 parent 5:1 handle 6: fq_codel target 7ms interval 90ms limit 500 flows 64 noecn
tc qdisc add dev ifb0 root handle 3: prio
tc qdisc add dev ifb0 parent 3:2 handle 30: sfq perturb 10
tc qdisc add dev q1 clsact
tc filter add dev q1 ingress protocol all pref 3 matchall action mirred egress redirect dev ifb0
`;

const codel: QdiscInfo = { kind: "fq_codel", data: { target: 181_680, interval: 276_680, limit: 1000, ecn: 1 } };
const q = { link: "q0", parent: tcPlaces.root, handle: makeHandle(8) };
const bucket: QdiscInfo = { kind: "tbf", data: tokenBucket({ rate: 2_500_000, burst: 10_000, limit: 20_000 }) };
const steps = (into: string): Step[] => [
  { do: "qdisc.add", in: into, qdisc: { ...q, info: codel } },
  { do: "qdisc.change", in: into, qdisc: { link: "q1", parent: makeHandle(5, 1), handle: makeHandle(6), info: codel } },
  { do: "qdisc.change", in: into, qdisc: { link: "q1", parent: tcPlaces.root, handle: makeHandle(5), info: bucket } },
  { do: "qdisc.del", in: into, qdisc: { link: "q1", parent: tcPlaces.root } },
  { do: "qdisc.del", in: into, qdisc: { link: "q1", parent: tcPlaces.clsact } },
  {
    do: "filter.add",
    in: into,
    filter: {
      ...{ link: "q1", parent: tcPlaces.egress, protocol: tcProtocols.all, prio: 9, redirect: "ifb0" },
      info: { kind: "matchall" },
    },
  },
  { do: "filter.del", in: into, filter: { link: "q1", parent: tcPlaces.ingress, protocol: tcProtocols.all, prio: 3 } },
];

describe("applied, and typed", () => {
  for (const [i, example] of steps("").entries())
    test(render(example), () =>
      withNetns((a) =>
        withNetns((b) => {
          using kernel = openKernel();
          for (const ns of [a, b]) ns.sh(GROUND);
          const before = trafficControl(a);
          const way = apply(kernel, [steps(a.path)[i]!]);
          run(["sh", "-ec", render(steps(b.path)[i]!)]);
          const applied = trafficControl(a);
          expect(applied).toEqual(trafficControl(b));
          expect(applied).not.toEqual(before);
          expect(way.undo()).toEqual([]);
          expect(trafficControl(a)).toEqual(before);
        }),
      ),
    );
});

test("a filter and a qdisc of a kind that we do not know come back with their settings", () =>
  withNetns((ns) => {
    using kernel = openKernel();
    ns.sh(`${GROUND}tc qdisc add dev q0 root handle 4: sfq perturb 10 limit 99`);
    const before = trafficControl(ns);
    const way = apply(kernel, [{ do: "qdisc.del", in: ns.path, qdisc: { link: "q0", parent: tcPlaces.root } }]);
    expect(trafficControl(ns)).not.toEqual(before);
    expect(way.undo()).toEqual([]);
    expect(trafficControl(ns)).toEqual(before);
  }));
