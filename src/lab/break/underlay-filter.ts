/** A filter of the underlay, as a provider's or a switch's: what it drops on its way to a node, the node never sees. */
import type { Expr } from "../../kernel/codec/nft/expressions.ts";
import { match, oifname, rule, verdict } from "../../net/nft/build.ts";
import { ifnameKey } from "../../net/nft/keys.ts";
import type { Step } from "../../net/plan/step.ts";
import type { Ground } from "./fault.ts";

/** What is switched from another node, and what a router of the underlay sends. */
const hooks = ["forward", "output"] as const;

/** @param name of the fault: its table's, so that each is taken back alone */
export const dropOnTheWay = ({ lab, node }: Ground, name: string, matches: readonly (readonly Expr[])[]): Step => {
  const table = { family: "bridge", name: `${name}_${node.name}`.replaceAll("-", "_") } as const;
  const kept = rule([match(oifname, ifnameKey(node.name)), ...matches, verdict("drop")]);
  return {
    do: "nft",
    in: lab.underlayNetns,
    changes: [
      { do: "table.add", table },
      ...hooks.flatMap((hook) => [
        { do: "chain.add", table, chain: { name: hook, base: { type: "filter", hook, priority: 0 } } } as const,
        { do: "rule.add", table, chain: hook, rule: kept } as const,
      ]),
    ],
  };
};
