/** A rule as its owner would print it. */
import { renderRule } from "../../../net/nft/render-rule.ts";
import type { Rule, Ruleset, Table } from "./model.ts";
import { iptablesText } from "./print-iptables.ts";
import { withSets } from "./print-sets.ts";

/** Of iptables its `-A CHAIN ...`; of nf_tables the statement that `nft` shows. */
export const textOf = (ruleset: Pick<Ruleset, "ipsets">, table: Table, rule: Rule): string =>
  table.backend === "nf_tables" || (table.family !== "ip" && table.family !== "ip6")
    ? withSets(table, renderRule(rule))
    : iptablesText(table, rule, ruleset.ipsets);
