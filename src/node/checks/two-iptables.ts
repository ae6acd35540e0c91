/** F7: rules of legacy iptables and of iptables on nf_tables, side by side. */
import type { Check, Finding } from "../check.ts";
import { count, ok } from "../finding.ts";
import type { Backend, Ruleset, Table } from "../firewall/ruleset/model.ts";

const holds = ({ chains }: Table): boolean =>
  [...chains.values()].some(({ rules, base }) => rules.length > 0 || base?.policy === "drop");

const rulesIn = (tables: readonly Table[]): number =>
  tables.reduce((sum, { chains }) => sum + [...chains.values()].reduce((n, { rules }) => n + rules.length, 0), 0);

const look = ({ tables }: Ruleset, family: "ip" | "ip6"): Finding[] => {
  const of = (backend: Backend): Table[] =>
    tables.filter((t) => t.family === family && t.backend === backend && holds(t));
  const [nft, legacy] = [of("iptables-nft"), of("iptables-legacy")];
  const program = family === "ip" ? "iptables" : "ip6tables";
  const told = (name: string, those: readonly Table[]): string =>
    `${count(rulesIn(those), "rule")} of ${name} in ${those.map((t) => t.name).join(", ")}`;
  if (legacy.length === 0) return nft.length === 0 ? [] : [ok(told(`${program}-nft`, nft), program)];
  if (nft.length === 0) return [ok(told(`${program}-legacy`, legacy), program)];
  const flush = legacy.map((t) => `${program}-legacy -t ${t.name} -F`).join(" && ");
  return [
    {
      outcome: "warn",
      subject: program,
      seen: `${told(`${program}-legacy`, legacy)} and ${told(`${program}-nft`, nft)}`,
      want: `rules in one of them, nf_tables: what is meant of the others carried over, then ${flush}`,
      // Flushing them for somebody who has not looked could open the host.
      fix: { command: `${program}-legacy-save`, survivesReboot: true },
    },
  ];
};

export const twoIptablesCheck: Check = {
  id: "F7",
  name: "two-iptables",
  area: "firewall",
  severity: "warn",
  title: "iptables' rules are all in one place",
  why: "packets meet the rules of both, and each program shows its own alone: a rule that drops is nowhere to be seen",
  run: ({ ruleset }) => (["ip", "ip6"] as const).flatMap((family) => look(ruleset, family)),
};
