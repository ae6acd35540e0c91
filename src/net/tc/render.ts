/** Qdiscs, classes and filters as the words of a `tc` line. */
import { tcPlaces } from "../../kernel/codec/route/tc.ts";
import type { Action } from "../../kernel/codec/tc-kinds/actions.ts";
import type { HtbClass } from "../../kernel/codec/tc-kinds/htb.ts";
import { mirredWays } from "../../kernel/codec/tc-kinds/mirred.ts";
import type { RateSpec } from "../../kernel/codec/tc-kinds/rate-spec.ts";
import type { Tbf } from "../../kernel/codec/tc-kinds/tbf.ts";
import type { U32Key } from "../../kernel/codec/tc-kinds/u32.ts";
import { quote } from "../plan/quote.ts";
import type { ClassSpec } from "./classes.ts";
import { type FilterPlace, type FilterSpec, tcProtocols } from "./filters.ts";
import { handleText, minorOf, placeWords } from "./handles.ts";
import type { QdiscPlace, QdiscSpec } from "./qdiscs.ts";
import { ticksToBytes } from "./units.ts";

const words = (...parts: readonly (string | number | undefined | false)[]): string =>
  parts.filter((p) => p !== undefined && p !== "" && p !== false).join(" ");
const opt = (word: string, value: string | number | undefined): string =>
  value === undefined ? "" : `${word} ${value}`;

const rate = (word: string, r: RateSpec | undefined): string => (r?.rate ? `${word} ${r.rate * 8}bit` : "");
const size = (word: string, bytes: number | undefined, ticks: number | undefined, r: RateSpec | undefined): string =>
  opt(word, bytes ?? (ticks && r ? ticksToBytes(ticks, r.rate) : undefined));

const tbf = (t: Tbf): string =>
  words(
    rate("rate", t.rate),
    size("burst", t.burst, t.buffer, t.rate),
    opt("limit", t.limit),
    rate("peakrate", t.peakrate),
    t.peakrate?.rate ? size("mtu", t.minburst, t.mtu, t.peakrate) : "",
    t.rate?.overhead ? `overhead ${t.rate.overhead}` : "",
  );

const htbClass = (c: HtbClass): string =>
  words(
    rate("rate", c.rate),
    size("burst", undefined, c.buffer, c.rate),
    rate("ceil", c.ceil),
    size("cburst", undefined, c.cbuffer, c.ceil),
    c.prio ? `prio ${c.prio}` : "",
    c.quantum ? `quantum ${c.quantum}` : "",
  );

/** Each with `tc`'s word for it, and what a number of it is followed by. */
const fqCodelWords = [
  ["limit", "limit", ""],
  ["flows", "flows", ""],
  ["target", "target", "us"],
  ["interval", "interval", "us"],
  ["ceThreshold", "ce_threshold", "us"],
  ["quantum", "quantum", ""],
  ["memoryLimit", "memory_limit", "b"],
  ["dropBatch", "drop_batch", ""],
] as const;

const kindWords = ({ info }: QdiscSpec): string => {
  if (!("data" in info) || info.data === undefined) return "";
  if (info.kind === "tbf") return tbf(info.data);
  if (info.kind === "htb") {
    const { init, directQlen } = info.data;
    return words(
      init && `default ${init.defaultClass.toString(16)}`,
      init && `r2q ${init.rate2quantum}`,
      opt("direct_qlen", directQlen),
    );
  }
  const data = info.data as { readonly ecn?: number } & { readonly [K in (typeof fqCodelWords)[number][0]]?: number };
  const ecn = data.ecn === undefined ? "" : data.ecn ? "ecn" : "noecn";
  return words(
    ...fqCodelWords.map(([key, word, unit]) => data[key] !== undefined && `${word} ${data[key]}${unit}`),
    ecn,
  );
};

export const renderQdisc = (verb: "add" | "change", q: QdiscSpec): string => {
  const place = q.parent === tcPlaces.clsact ? "" : placeWords(q.parent);
  const handle = q.handle !== undefined && place !== "" && `handle ${handleText(q.handle)}`;
  return words("tc qdisc", verb, "dev", quote(q.link), place, handle, q.info.kind, kindWords(q));
};

export const renderQdiscDel = (q: QdiscPlace): string =>
  // `ingress` is the word for that place, whichever of the two stands there.
  words("tc qdisc del dev", quote(q.link), q.parent === tcPlaces.clsact ? "clsact" : placeWords(q.parent));

export const renderClass = (c: ClassSpec): string => {
  const data = c.info.kind === "htb" && "data" in c.info && c.info.data ? htbClass(c.info.data) : "";
  const place = `${placeWords(c.parent)} classid ${handleText(c.classid)}`;
  return words("tc class add dev", quote(c.link), place, c.info.kind, data);
};
export const renderClassDel = (c: Pick<ClassSpec, "link" | "classid">): string =>
  words("tc class del dev", quote(c.link), "classid", handleText(c.classid));

const protocolWord = (protocol: number): string =>
  Object.entries(tcProtocols).find(([, n]) => n === protocol)?.[0] ?? `0x${protocol.toString(16)}`;

const filterPlace = (f: FilterPlace): string =>
  words("dev", quote(f.link), placeWords(f.parent), "protocol", protocolWord(f.protocol), "pref", f.prio);

/** `801::800`: table, bucket, rule. `tc` may be told the rule alone. */
const u32Handle = (handle: number): string =>
  `${(handle >>> 20).toString(16)}:${((handle >>> 12) & 0xff).toString(16)}:${(handle & 0xfff).toString(16)}`;

const handleOf = (f: FilterPlace, kind: string): string =>
  f.handle ? `handle ${kind === "u32" ? u32Handle(f.handle) : `0x${f.handle.toString(16)}`}` : "";

/** What a `u32` filter looks for. */
export const matchWords = ({ info }: Pick<FilterSpec, "info">): string =>
  words(...(("data" in info ? ((info.data ?? {}) as FilterData) : {}).sel?.keys ?? []).map(key));
const key = (k: U32Key): string =>
  `match u32 0x${k.value.toString(16).padStart(8, "0")} 0x${k.mask.toString(16).padStart(8, "0")} at ${k.off}`;

const mirredWords: Record<number, string> = {
  [mirredWays.egressRedirect]: "egress redirect",
  [mirredWays.egressMirror]: "egress mirror",
  [mirredWays.ingressRedirect]: "ingress redirect",
  [mirredWays.ingressMirror]: "ingress mirror",
};
const actionWords = (a: Action): string => {
  const p = "data" in a ? a.data?.parms : undefined;
  return p ? `action mirred ${mirredWords[p.way ?? 0] ?? p.way} index ${p.index ?? 0}` : `action ${a.kind}`;
};

interface FilterData {
  readonly sel?: { readonly keys: readonly U32Key[] };
  readonly classid?: number;
  readonly act?: readonly Action[];
  readonly divisor?: number;
}

export const renderFilter = (f: FilterSpec): string => {
  const { kind } = f.info;
  const data: FilterData = "data" in f.info ? ((f.info.data ?? {}) as FilterData) : {};
  // The rule's number alone: the table is the one that the kernel made for the number of the filter.
  const number = kind === "u32" && f.handle ? `handle ::${(f.handle & 0xfff).toString(16)}` : handleOf(f, kind);
  return words(
    "tc filter add",
    filterPlace(f),
    f.chain ? `chain ${f.chain}` : "",
    number,
    kind,
    data.divisor !== undefined && `divisor ${data.divisor}`,
    matchWords(f),
    data.classid !== undefined && `flowid ${handleText(data.classid) === "0:" ? "0:0" : classText(data.classid)}`,
    ...(data.act ?? []).map(actionWords),
    f.redirect !== undefined && `action mirred egress redirect dev ${quote(f.redirect)}`,
  );
};
const classText = (classid: number): string => `${handleText(classid)}${minorOf(classid) === 0 ? "0" : ""}`;

export const renderFilterDel = (f: FilterPlace): string =>
  words("tc filter del", filterPlace(f), f.kind !== undefined && handleOf(f, f.kind), f.kind);
