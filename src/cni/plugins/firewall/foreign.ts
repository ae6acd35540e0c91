/**
 * Chains of others through which forwarded packets have to go, and that drop what they do not know: Docker's `FORWARD`,
 * firewalld's, ufw's. An accept in one table does not keep another from dropping, so each of them gets a rule at its head
 * that lets the pods' mark pass, and loses it with the last pod.
 */
import { FaultError } from "../../../base/fault.ts";
import { verdictCode } from "../../../kernel/codec/nft/data.ts";
import { type Expr, isExpr } from "../../../kernel/codec/nft/expressions.ts";
import { apply } from "../../../net/apply.ts";
import type { Kernel, Netns } from "../../../net/kernel.ts";
import { counter, mark, matchMasked, rule, verdict, xtMark } from "../../../net/nft/build.ts";
import { wordKey } from "../../../net/nft/keys.ts";
import { listChains, listRules, listTables } from "../../../net/nft/read.ts";
import { renderChange } from "../../../net/nft/render-change.ts";
import type { Chain, NftChange, Rule, RuleThere, Table } from "../../../net/nft/types.ts";
import { markBits } from "./table.ts";

/** Of the rules in chains of others: we know them again by it. */
export const openingComment = "podwire pods";

export interface ForeignChain {
  readonly table: Table;
  readonly chain: string;
  /** The opening's rules that are there. */
  readonly ours: readonly RuleThere[];
  /** Without the opening, packets of pods are dropped. */
  readonly drops: boolean;
  /** Beside it in its table. */
  readonly hasAdminChain: boolean;
}

/** Expressions that do not ask anything of a packet. */
const asksNothing = new Set(["counter", "log", "immediate", "reject", "target"]);
const isBare = (exprs: readonly Expr[]): boolean =>
  exprs.every((e) => asksNothing.has(e.name) || (isExpr(e, "match") && e.xtName === "comment"));

/** In the kernel's words or in those of iptables. */
const isReject = (e: Expr): boolean => e.name === "reject" || (isExpr(e, "target") && e.xtName === "REJECT");

const verdictOf = (e: Expr) => (isExpr(e, "immediate") && e.dreg === 0 ? e.data?.verdict : undefined);

/** Whether a packet that no rule knows is dropped in this chain, or in one that it always comes to from there. */
const dropsUnknown = (rules: readonly RuleThere[], chain: string, seen: readonly string[] = []): boolean =>
  !seen.includes(chain) &&
  rules
    .filter((r) => r.chain === chain && isBare(r.exprs))
    .some(({ exprs }) =>
      exprs.some((e) => {
        if (isReject(e)) return true;
        const v = verdictOf(e);
        if (v?.code === verdictCode.drop) return true;
        const goes = v?.code === verdictCode.jump || v?.code === verdictCode.goto;
        return goes && v?.chain !== undefined && dropsUnknown(rules, v.chain, [...seen, chain]);
      }),
    );

const isForward = (c: Chain): boolean => c.base?.type === "filter" && c.base.hook === "forward";
const families = ["ip", "ip6", "inet"];

/** Every chain of others that all forwarded packets come to. */
export const foreignChains = (ns: Netns, adminChain: string): ForeignChain[] =>
  listTables(ns)
    .filter((t) => families.includes(t.family) && !t.name.startsWith("podwire_"))
    .flatMap((table) => {
      const chains = listChains(ns, table) ?? [];
      const forward = chains.filter(isForward);
      if (forward.length === 0) return [];
      const rules = listRules(ns, table);
      return forward.map(
        (c): ForeignChain => ({
          table,
          chain: c.name,
          ours: rules.filter((r) => r.chain === c.name && r.comment === openingComment),
          drops: c.base?.policy === "drop" || dropsUnknown(rules, c.name),
          hasAdminChain: chains.some((x) => x.name === adminChain && !x.base),
        }),
      );
    });

/** `iptables` shows a table no more in which it meets what it has no words for: there the mark is asked for in its own. */
const isIptables = ({ table, chain }: ForeignChain): boolean => table.name === "filter" && chain === "FORWARD";

/** In the order in which they are to stand. */
const opening = (c: ForeignChain, adminChain: string): Rule[] => {
  const bits = wordKey(markBits);
  const marked = isIptables(c) ? [xtMark(markBits), counter()] : [matchMasked(mark, bits, bits)];
  const accept = rule([...marked, verdict("accept")], openingComment);
  return c.hasAdminChain ? [rule([...marked, verdict("jump", adminChain)], openingComment), accept] : [accept];
};

/** What is to be done to a chain that drops and has not all of the opening. */
export const planOpening = (c: ForeignChain, adminChain: string): NftChange[] => {
  const rules = opening(c, adminChain);
  if (!c.drops || c.ours.length === rules.length) return [];
  const { table, chain } = c;
  return [
    ...c.ours.map(({ handle }): NftChange => ({ do: "rule.del", table, chain, handle })),
    // Each goes to the head.
    ...rules.toReversed().map((r): NftChange => ({ do: "rule.insert", table, chain, rule: r })),
  ];
};

const isRefusal = (error: unknown): boolean =>
  error instanceof FaultError &&
  (error.fault.kind === "permission" ||
    (error.fault.kind === "kernel" && ["EPERM", "EACCES"].includes(error.fault.errno)) ||
    (error.fault.kind === "many" && error.fault.of.every((f) => isRefusal(new FaultError(f)))));

/** Opens what has to be opened, and gives the way back. @throws FaultError unavailable, naming the chain and the command */
export const openForeign = (kernel: Kernel, adminChain: string): (() => unknown[]) => {
  const undos: (() => unknown[])[] = [];
  const back = (): unknown[] => undos.reverse().flatMap((undo) => undo());
  for (const c of foreignChains(kernel.host, adminChain)) {
    const changes = planOpening(c, adminChain);
    if (changes.length === 0) continue;
    try {
      const { undo } = apply(kernel, [{ do: "nft", in: "", changes }]);
      undos.push(() => undo().map((f) => f.error));
    } catch (error) {
      back();
      throw isRefusal(error) ? ownedElsewhere(c, changes) : error;
    }
  }
  return back;
};

/** A table can belong to a process alone, as firewalld's newer ones do. */
const ownedElsewhere = ({ table, chain }: ForeignChain, changes: readonly NftChange[]): FaultError =>
  new FaultError({
    kind: "unavailable",
    why: `chain ${chain} of table ${table.family} ${table.name} drops what pods send, and its owner lets nobody change it`,
    fix:
      table.name === "firewalld"
        ? "firewall-cmd --permanent --zone=trusted --add-source=POD-SUBNET && firewall-cmd --reload"
        : `have its owner add: ${changes.map(renderChange).join("; ")}`,
  });

/** Takes the openings away. */
export const closeForeign = (kernel: Kernel): void => {
  for (const { table, chain, ours } of foreignChains(kernel.host, "")) {
    const changes = ours.map(({ handle }): NftChange => ({ do: "rule.del", table, chain, handle }));
    if (changes.length > 0) apply(kernel, [{ do: "nft", in: "", changes }]);
  }
};
