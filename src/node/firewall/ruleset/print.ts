/** A rule as its owner would print it. */
import { renderRule } from "../../../net/nft/render-rule.ts";
import type { Rule, Table } from "./model.ts";

export const textOf = (_table: Table, rule: Rule): string => renderRule(rule);
