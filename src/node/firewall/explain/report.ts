/** The answer to a question, for people and for programs. Pure. */
import { tableText } from "../../../base/table.ts";
import type { Ruleset } from "../ruleset/model.ts";
import type { Decider, Doubt, Fate, Outcome, Packet, Passage, Verdict } from "../simulate/verdict.ts";
import { mendingLine } from "./mend.ts";

export interface Explanation {
  readonly apiVersion: "podwire.dev/v1alpha1";
  readonly kind: "FirewallExplanation";
  readonly packet: Packet;
  readonly fate: Fate;
  readonly by?: Decider;
  readonly to?: Outcome["to"];
  readonly path: readonly Passage[];
  readonly doubts: readonly Doubt[];
  /** Ways that it can go, when that is not one alone. */
  readonly outcomes: readonly { readonly fate: Fate; readonly by?: Decider; readonly doubts: readonly Doubt[] }[];
  /** The command that would let it in. */
  readonly mend?: string;
  /** What becomes of the first answer, when it was accepted. */
  readonly answer?: { readonly fate: Fate; readonly by?: Decider; readonly path: readonly Passage[] };
  /** What decides on such packets, too, and was not asked. */
  readonly beside: readonly string[];
}

const besideOf = (ruleset: Ruleset, packet: Packet, { outcomes }: Verdict): string[] => {
  const links = [packet.iif ?? ruleset.routing.linkTo(packet.src)];
  for (const { to } of outcomes) if (to && "link" in to) links.push(to.link);
  return ruleset.beside.filter((b) => b.link === undefined || links.includes(b.link)).map((b) => b.what);
};

export const explanation = (
  ruleset: Ruleset,
  packet: Packet,
  verdict: Verdict,
  answer?: Verdict | undefined,
): Explanation => {
  const mend = mendingLine(packet, verdict);
  const to = verdict.outcomes.length === 1 ? verdict.outcomes[0]?.to : undefined;
  return {
    apiVersion: "podwire.dev/v1alpha1",
    kind: "FirewallExplanation",
    packet,
    fate: verdict.fate,
    ...(verdict.by && { by: verdict.by }),
    ...(to && { to }),
    path: verdict.path,
    doubts: verdict.doubts,
    outcomes: verdict.outcomes.map(({ fate, by, doubts }) => ({ fate, ...(by && { by }), doubts })),
    ...(mend !== undefined && { mend }),
    ...(answer && { answer: { fate: answer.fate, ...(answer.by && { by: answer.by }), path: answer.path } }),
    beside: besideOf(ruleset, packet, verdict),
  };
};

export interface TextOptions {
  readonly color: boolean;
  /** Every base chain; otherwise those that had something to say. */
  readonly wide: boolean;
}

const words: Readonly<Record<Fate, { readonly sign: string; readonly word: string; readonly sgr: string }>> = {
  accepted: { sign: "✓", word: "accepted", sgr: "32" },
  dropped: { sign: "✗", word: "dropped", sgr: "31" },
  rejected: { sign: "✗", word: "rejected", sgr: "31" },
  unclear: { sign: "?", word: "cannot tell", sgr: "36" },
};

const fateText = (fate: Fate, { color }: TextOptions): string => {
  const { sign, word, sgr } = words[fate];
  return color ? `\u001b[${sgr}m${sign} ${word}\u001b[0m` : `${sign} ${word}`;
};

export const packetText = (p: Packet): string => {
  const what = p.dport === undefined ? p.protocol : `${p.protocol}/${p.dport}`;
  const sport = p.sport === undefined ? "" : ` port ${p.sport}`;
  return `${what} from ${p.src}${sport} to ${p.dst}${p.iif === undefined ? "" : ` in ${p.iif}`}`;
};

export const ownerText = (by: Decider): string => {
  const who = by.owner === "person" ? "someone" : by.owner === "kernel" ? "the kernel" : by.owner;
  return by.backend === undefined || by.backend === "nf_tables" ? who : `${who} (${by.backend})`;
};

/** `ip filter INPUT, rule 3` */
export const placeText = (by: Decider): string => {
  if (by.chain === undefined) return "";
  const rule = by.rule === undefined ? "" : ` rule ${by.rule}`;
  const handle = by.handle !== undefined && by.backend === "nf_tables" ? ` (handle ${by.handle})` : "";
  return `${by.family} ${by.table} ${by.chain}${rule}${handle}`;
};

const deciderLines = (by: Decider): string[] =>
  by.chain === undefined
    ? ["the kernel's routing", `  ${by.text}`]
    : [`${ownerText(by)}, ${placeText(by)}`, `  ${by.text}`];

const doubtLine = (d: Doubt): string => `${d.what}\n    ${placeText(d.at)}\n      ${d.at.text}`;

/** Each end that it can come to, once. */
const ways = (e: Explanation, options: TextOptions): string[] => {
  const told = e.outcomes.map(
    (o) => `  ${fateText(o.fate, options)}${o.by ? ` by ${ownerText(o.by)}, ${placeText(o.by)}: ${o.by.text}` : ""}`,
  );
  return [...new Set(told)];
};

const saidMuch = (p: Passage): boolean => p.by !== undefined || p.said !== "policy accept";

const pathText = (path: readonly Passage[], wide: boolean): string => {
  const shown = path.filter((p) => wide || saidMuch(p));
  if (shown.length === 0) return "";
  const rows = shown.map((p) => [
    p.hook,
    String(p.priority),
    `${p.family} ${p.table} ${p.chain}`,
    p.backend,
    p.said,
    wide ? (p.by?.text ?? "") : p.by?.chain !== undefined && p.by.chain !== p.chain ? p.by.chain : "",
  ]);
  const head = ["HOOK", "PRIORITY", "CHAIN", "KEPT IN", "SAID", wide ? "RULE" : "IN CHAIN"];
  return `\n${tableText([head, ...rows], { right: [1] })}`;
};

const hidden = (path: readonly Passage[], wide: boolean): string => {
  const silent = path.filter((p) => !saidMuch(p)).length;
  if (wide || silent === 0) return "";
  return `and ${silent} base chain${silent === 1 ? "" : "s"} whose policy lets it pass (-o wide)\n`;
};

const toText = (to: Outcome["to"]): string => {
  if (!to) return "";
  return "local" in to ? ", to this host" : `, out by ${to.link}`;
};

const answerLines = ({ fate, by }: NonNullable<Explanation["answer"]>, options: TextOptions): string[] => [
  `but the answer is ${fateText(fate, options)}${by ? ` by ${deciderLines(by).join("\n")}` : ""}`,
];

export const explanationText = (e: Explanation, options: TextOptions): string => {
  const lines = [`${fateText(e.fate, options)}: ${packetText(e.packet)}${toText(e.to)}`];
  if (e.by && e.fate !== "accepted") lines.push(`by ${deciderLines(e.by).join("\n")}`);
  else if (e.by) lines.push(`last let in by ${deciderLines(e.by).join("\n")}`);
  if (e.fate === "unclear") {
    lines.push("it can go either way; it depends on:", ...e.doubts.map((d) => `  - ${doubtLine(d)}`));
    lines.push(...ways(e, options));
  }
  if (e.answer && e.answer.fate !== "accepted") lines.push(...answerLines(e.answer, options));
  const said = `${pathText(e.path, options.wide)}${hidden(e.path, options.wide)}`;
  const mend = e.mend === undefined ? "" : `\nto let it in:  ${e.mend}\n`;
  const beside = e.beside.map((what) => `\nnot asked: ${what}\n`).join("");
  return `${lines.join("\n")}\n${said}${mend}${beside}`;
};
