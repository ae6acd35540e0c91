/** The queue below each bucket, on a kernel that has fq_codel: made, checked, missed, and mended. */
import { describe, expect, test } from "bun:test";
import { fqCodelProbe } from "../../../kernel/probe/fq-codel.ts";
import { type Stage, withStage } from "../../testing/stage.ts";
import { ifbs, shaping, wired } from "./testing/shaped.ts";

/** 100 kbit/s: a frame takes 121 ms. */
const slow = { ingressRate: 100_000, ingressBurst: 100_000, egressRate: 100_000_000, egressBurst: 1_000_000 };

interface Leaf {
  readonly kind: string;
  readonly dev: string;
  readonly parent?: string;
  readonly handle: string;
  readonly options: { readonly target: number; readonly interval: number };
}
const leaves = (s: Stage): Leaf[] =>
  (JSON.parse(s.host.sh("tc -j qdisc show")) as Leaf[]).filter((q) => q.kind === "fq_codel" && q.parent === "7077:1");

const shaped = async (s: Stage) => {
  const w = await wired(s);
  const { exit, json } = await s.call("ADD", { ...shaping(slow), prevResult: w.prevResult }, w.call);
  expect(exit).toBe(0);
  const asked = { ...shaping(slow), prevResult: json };
  expect(await s.call("CHECK", asked, w.call)).toEqual({ exit: 0, json: {}, stderr: "" });
  return { ...w, asked };
};

test("each bucket has one, which lets a frame take the time that it takes", () =>
  withStage(async (s) => {
    expect(fqCodelProbe.ask()).toEqual({ is: "yes" });
    const w = await shaped(s);
    const seen = leaves(s).map(({ dev, handle, options }) => [
      dev === w.veth,
      handle,
      options.target,
      options.interval,
    ]);
    expect(seen.sort()).toEqual([
      [false, "7078:", 4999, 99_999],
      [true, "7078:", 181_679, 276_679],
    ]);
  }));

describe("CHECK notices", () => {
  const mutations: readonly (readonly [line: string, said: RegExp])[] = [
    ["tc qdisc del dev $VETH parent 7077:1", /qdisc fq_codel on veth\w+: is gone/],
    ["tc qdisc del dev $IFB parent 7077:1", /qdisc fq_codel on bwp\w+: is gone/],
    [
      "tc qdisc replace dev $IFB parent 7077:1 handle 6: pfifo",
      /qdisc on bwp\w+: is pfifo 6:, should be fq_codel 7078:/,
    ],
    [
      "tc qdisc change dev $VETH parent 7077:1 handle 7078: fq_codel target 5ms",
      /target of qdisc fq_codel on veth\w+: is 4999 µs, should be 181680 µs/,
    ],
    ["tc qdisc del dev $VETH root", /qdisc tbf on veth\w+: is gone/],
  ];
  for (const [line, said] of mutations)
    test(line, () =>
      withStage(async (s) => {
        const w = await shaped(s);
        s.host.sh(`VETH=${w.veth} IFB=${ifbs(s)[0]?.ifname}; ${line}`);
        const { json } = await s.call("CHECK", w.asked, w.call);
        expect(String(json.msg)).toMatch(said);
        s.host.sh(String(json.details));
        const again = await s.call("CHECK", w.asked, w.call);
        // A bucket that was gone took its queue with it: that is told next, with its own line.
        if (again.exit !== 0) s.host.sh(String(again.json.details));
        expect(await s.call("CHECK", w.asked, w.call)).toMatchObject({ exit: 0 });
      }),
    );
});
