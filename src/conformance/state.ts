/** The state of a namespace as iproute2 tells it in JSON, asked for by the words of an assertion. */
import type { Stage } from "./stage.ts";

type Row = Record<string, unknown>;

interface Question {
  readonly lines: readonly string[];
  readonly rows?: (rows: Row[]) => Row[];
}

/** Each kind of thing: the lines that tell it, and what becomes of their rows. */
const questions = {
  links: { lines: ["ip -d -j link show"] },
  addresses: { lines: ["ip -j address show"], rows: (links: Row[]) => links.flatMap(addressesOf) },
  routes: { lines: ["ip -d -j -4 route show table all", "ip -d -j -6 route show table all"] },
  rules: { lines: ["ip -j -4 rule show", "ip -j -6 rule show"] },
  neighbours: { lines: ["ip -j neigh show"] },
  ports: { lines: ["bridge -d -j link show"] },
  vlans: { lines: ["bridge -j vlan show"] },
  qdiscs: { lines: ["tc -j qdisc show"] },
} as const satisfies Record<string, Question>;

export type Kind = keyof typeof questions;
export const stateKinds = Object.keys(questions) as Kind[];

const addressesOf = (link: Row): Row[] =>
  ((link.addr_info as Row[] | undefined) ?? [])
    .map((address): Row => ({ ifname: link.ifname, ...address }))
    // It follows the MAC, and comes when the kernel gets to it.
    .filter((address) => !(address.family === "inet6" && address.scope === "link"));

/** `ip -j` stands an empty object for what a filter leaves out. */
const parsed = (text: string): Row[] =>
  (text.trim() === "" ? [] : (JSON.parse(text) as Row[])).filter((row) => Object.keys(row).length > 0);

const separator = "@@";

/** What each line prints, asked by one shell: starting programs is what costs. A line that fails prints nothing. */
export const askLines = (stage: Stage, place: string, lines: readonly string[]): string[] => {
  const script = lines.map((line) => `${line} 2>/dev/null`).join(`; echo; echo ${separator}; `);
  return stage.run(place, ["sh", "-c", script]).stdout.split(`\n${separator}\n`);
};

/** What is there now, for each kind. A kind that the kernel lacks has nothing of it. */
export const readStates = <K extends Kind>(stage: Stage, place: string, kinds: readonly K[]): Map<K, Row[]> => {
  const asked = kinds.flatMap((kind) => questions[kind].lines.map((line) => ({ kind, line })));
  const answers = askLines(
    stage,
    place,
    asked.map(({ line }) => line),
  );
  const rows = (kind: K): Row[] => asked.flatMap((a, i) => (a.kind === kind ? parsed(answers[i] ?? "") : []));
  return new Map(
    kinds.map((kind) => {
      const question: Question = questions[kind];
      return [kind, question.rows ? question.rows(rows(kind)) : rows(kind)];
    }),
  );
};

export const readState = (stage: Stage, place: string, kind: Kind): Row[] =>
  readStates(stage, place, [kind]).get(kind) ?? [];

/** The lines by which a person sees the same. */
export const stateLines = (stage: Stage, place: string, kind: Kind): string[] =>
  questions[kind].lines.map((line) => `ip netns exec ${stage.nameOf(place)} ${line.replace(" -j", "")}`);
