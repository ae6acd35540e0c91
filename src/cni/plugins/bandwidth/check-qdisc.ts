/** Is a qdisc what ADD made of it? */
import type { QdiscInfo } from "../../../kernel/codec/route/tc.ts";
import type { Tbf } from "../../../kernel/codec/tc-kinds/tbf.ts";
import { render } from "../../../net/plan/render.ts";
import type { Step } from "../../../net/plan/step.ts";
import { handleText } from "../../../net/tc/handles.ts";
import { type Qdisc, qdiscWords } from "../../../net/tc/qdiscs.ts";
import { bytesToTicks, ticksToBytes } from "../../../net/tc/units.ts";
import type { Findings } from "../../findings.ts";

type Codel = { readonly target?: number; readonly interval?: number };

export const checkQdisc = (step: Step<"qdisc.add">, there: Qdisc | undefined, found: Findings): void => {
  const { qdisc } = step;
  const { link, info, handle = 0 } = qdisc;
  const what = `qdisc ${info.kind} on ${link}`;
  const add = render({ do: "qdisc.add", in: "", qdisc });
  if (!there || there.handle === 0) {
    found.gone(what, add);
    return;
  }
  if (there.info.kind !== info.kind || there.handle !== handle) {
    const del = render({ do: "qdisc.del", in: "", qdisc: { link, parent: qdisc.parent } });
    found.differs(`qdisc on ${link}`, qdiscWords(there), `${info.kind} ${handleText(handle)}`, `${del} && ${add}`);
    return;
  }
  const fix = render({ do: "qdisc.change", in: "", qdisc });
  for (const [name, seen, want] of differences(there.info, info)) found.differs(`${name} of ${what}`, seen, want, fix);
};

type Difference = readonly [name: string, seen: string, want: string];

const differences = (seen: QdiscInfo, want: QdiscInfo): Difference[] =>
  want.kind === "tbf" ? bucket(dataOf<Tbf>(seen), dataOf<Tbf>(want)) : codel(dataOf<Codel>(seen), dataOf<Codel>(want));

const dataOf = <T extends object>(info: QdiscInfo): T => ("data" in info ? info.data : {}) as T;

const bucket = (seen: Tbf, want: Tbf): Difference[] => {
  const rate = (t: Tbf, which: "rate" | "peakrate"): number => t[which]?.rate ?? 0;
  const bits = (n: number): string => `${n * 8} bit/s`;
  const burst = bytesToTicks(want.burst ?? 0, rate(want, "rate"));
  const minburst = want.minburst === undefined ? 0 : bytesToTicks(want.minburst, rate(want, "peakrate"));
  const all: readonly (readonly [boolean, Difference])[] = [
    [rate(seen, "rate") !== rate(want, "rate"), ["rate", bits(rate(seen, "rate")), bits(rate(want, "rate"))]],
    [
      // With another rate the same bucket has other ticks.
      rate(seen, "rate") === rate(want, "rate") && !sameTicks(seen.buffer ?? 0, burst),
      ["burst", `${ticksToBytes(seen.buffer ?? 0, rate(want, "rate"))} bytes`, `${want.burst} bytes`],
    ],
    [seen.limit !== want.limit, ["limit", `${seen.limit} bytes`, `${want.limit} bytes`]],
    [
      rate(seen, "peakrate") !== rate(want, "peakrate"),
      ["peakrate", bits(rate(seen, "peakrate")), bits(rate(want, "peakrate"))],
    ],
    [
      rate(seen, "peakrate") === rate(want, "peakrate") && !sameTicks(seen.mtu ?? 0, minburst),
      [
        "minburst",
        `${ticksToBytes(seen.mtu ?? 0, rate(want, "peakrate") || rate(want, "rate"))} bytes`,
        `${want.minburst ?? 0} bytes`,
      ],
    ],
  ];
  return all.flatMap(([differs, words]) => (differs ? [words] : []));
};

/** The kernel tells 32 bits of it, and divides by a fraction that is right to some nine digits. */
const sameTicks = (seen: number, want: number): boolean => {
  const low = want % 0x1_0000_0000;
  const off = Math.abs(seen - low);
  return Math.min(off, 0x1_0000_0000 - off) <= 2 + want * 1e-8;
};

/** It keeps units of 1024 ns. */
const codel = (seen: Codel, want: Codel): Difference[] =>
  (["target", "interval"] as const).flatMap((name): Difference[] => {
    const [is, should] = [seen[name] ?? 0, want[name] ?? 0];
    return Math.abs(is - should) <= 1 ? [] : [[name, `${is} µs`, `${should} µs`]];
  });
