/** The state of a namespace as iproute2 tells it in JSON, asked for by the words of an assertion. */
import type { Stage } from "./stage.ts";

type Row = Record<string, unknown>;

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
} as const satisfies Record<string, { lines: readonly string[]; rows?: (rows: Row[]) => Row[] }>;

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

/** What is there now. A kind that the kernel lacks has nothing of it. */
export const readState = (stage: Stage, place: string, kind: Kind): Row[] => {
  const question: { lines: readonly string[]; rows?: (rows: Row[]) => Row[] } = questions[kind];
  const rows = question.lines.flatMap((line) => {
    const { exit, stdout } = stage.run(place, line.split(" "));
    return exit === 0 ? parsed(stdout) : [];
  });
  return question.rows ? question.rows(rows) : rows;
};

/** The lines by which a person sees the same. */
export const stateLines = (stage: Stage, place: string, kind: Kind): string[] =>
  questions[kind].lines.map((line) => `ip netns exec ${stage.nameOf(place)} ${line.replace(" -j", "")}`);
