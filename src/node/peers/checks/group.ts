/**
 * Tries that failed in one way, put together: nodes that do not reach the same port, and ports that the same nodes do not
 * reach, are one finding. Pure.
 */
import type { Finding, Severity } from "../../check.ts";
import type { PortRow } from "../../ports/row.ts";
import { portText } from "../../ports/rows-for.ts";
import type { Found, TriedOne } from "../run/found.ts";
import { lostAnswer, verdictOf } from "./verdict.ts";
import { gather, whoText } from "./who.ts";

export interface Group {
  readonly to: number;
  readonly froms: readonly number[];
  readonly rows: readonly PortRow[];
  readonly family: 4 | 6;
  readonly is: "failed" | "unknown";
  readonly words: string;
}

type WithRow = TriedOne & { readonly row: PortRow };
const familyOf = ({ ip }: TriedOne): 4 | 6 => (ip.includes(":") ? 6 : 4);

export const groupsOf = ({ nodes, tried }: Found, protocols: readonly PortRow["protocol"][]): Group[] => {
  const labels = nodes.map((n) => n.label);
  const bad = tried
    .filter((t): t is WithRow => t.row !== undefined && protocols.includes(t.protocol))
    .map((t) => ({ t, ...verdictOf(t, labels) }))
    .filter((one) => one.is !== "reached");
  const perRow = gather(bad, ({ t, words }) => `${t.to} ${t.row.id} ${familyOf(t)} ${words}`).map((same) => {
    const [{ t, words, is }] = same as [(typeof same)[number]];
    const froms = [...new Set(same.map((one) => one.t.from))].sort((a, b) => a - b);
    return { to: t.to, froms, row: t.row, family: familyOf(t), words, is: is as Group["is"] };
  });
  const key = (g: (typeof perRow)[number]): string => `${g.to} ${g.froms} ${g.family} ${g.words} ${onlyClients(g.row)}`;
  return gather(perRow, key).map((same) => {
    const [{ row: _, ...first }] = same as [(typeof same)[number]];
    return { ...first, rows: same.map((g) => g.row) };
  });
};

const onlyClients = ({ from }: PortRow): boolean => from.every((source) => source === "clients");

/** What only clients want may be closed to nodes on purpose. */
export const severityOf = ({ rows }: Group): Severity => (rows.every(onlyClients) ? "warn" : "fail");

const noFirewall = ["the sender", "no way there", "somebody else", "reset: ", lostAnswer];

export const findingOf = (group: Group, { nodes, networks }: Found): Finding => {
  const { to, froms, rows, words, is, family } = group;
  const dual = nodes.some((n) => n.facts.addresses.length > 1);
  const target = nodes[to]!;
  const who = whoText(
    nodes.map((n) => n.label),
    froms,
    to,
  );
  const ports = rows.map(portText).join(", ");
  const subject = `${who} -> ${target.label}`;
  const seen = `${ports}${dual ? ` over IPv${family}` : ""}: ${words}`;
  if (is === "unknown") return { outcome: "unknown", subject, seen };
  // Silence does not say who keeps it.
  const onTheWay = words.startsWith("no answer") ? "; if its own firewall lets it in, by all that is on the way" : "";
  const want = `reached: ${rows.map((row) => row.what).join(", ")}${onTheWay}`;
  const outcome = severityOf(group);
  if (noFirewall.some((start) => words.startsWith(start))) return { outcome, subject, seen, want };
  const [role] = target.facts.roles;
  const parts = networks.length > 0 ? networks.join(",") : "none";
  const firewall = `podwire node firewall --role ${role} --network ${parts}`;
  const on = `   # on ${target.label}`;
  return {
    outcome,
    subject,
    seen,
    want,
    fix: { command: `${firewall} --apply${on}`, undo: `podwire node firewall --remove${on}`, survivesReboot: true },
  };
};
