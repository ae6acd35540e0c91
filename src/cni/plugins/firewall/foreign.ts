/**
 * Chains of others through which forwarded packets have to go, and that drop what they do not know: Docker's `FORWARD`,
 * firewalld's, ufw's. An accept in one table does not keep another from dropping, so each of them gets a rule at its head
 * that lets the pods' mark pass, and loses it with the last pod.
 */
import { FaultError } from "../../../base/fault.ts";
import { verdictCode } from "../../../kernel/codec/nft/data.ts";
import { type Expr, isExpr } from "../../../kernel/codec/nft/expressions.ts";
import { chainMessage, NFT_MSG, nfproto } from "../../../kernel/codec/nft/messages.ts";
import { apply } from "../../../net/apply.ts";
import type { Kernel, Netns } from "../../../net/kernel.ts";
import { type BaseOfTable, holdsNothing } from "../../../net/nft/base.ts";
import { counter, mark, matchMasked, rule, verdict, xtMark } from "../../../net/nft/build.ts";
import { wordKey } from "../../../net/nft/keys.ts";
import { hasTable, listRules } from "../../../net/nft/read.ts";
import { renderChange } from "../../../net/nft/render-change.ts";
import { generation } from "../../../net/nft/transact.ts";
import type { NftChange, Rule, RuleThere, Table } from "../../../net/nft/types.ts";
import { again } from "../../filter/held.ts";
import { markBits } from "./table.ts";

/** Of the rules in chains of others: we know them again by it. */
export const openingComment = "podwire pods";

export interface ForeignChain {
  readonly table: Table;
  readonly chain: string;
  /** The opening's rules that are there. */
  readonly ours: readonly RuleThere[];
  /** Without the opening, packets of pods are dropped, or may be soon. Reads rules only when it has to. */
  readonly drops: () => boolean;
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

type RulesOf = (chain: string) => readonly RuleThere[];

/** Whether a packet that no rule knows is dropped in this chain, or in one that it always comes to from there. */
const dropsUnknown = (rulesOf: RulesOf, chain: string, seen: readonly string[] = []): boolean =>
  !seen.includes(chain) &&
  rulesOf(chain)
    .filter((r) => isBare(r.exprs))
    .some(({ exprs }) =>
      exprs.some((e) => {
        if (isReject(e)) return true;
        const v = verdictOf(e);
        if (v?.code === verdictCode.drop) return true;
        const goes = v?.code === verdictCode.jump || v?.code === verdictCode.goto;
        return goes && v?.chain !== undefined && dropsUnknown(rulesOf, v.chain, [...seen, chain]);
      }),
    );

/** What there is of a chain in the kernel's dump. */
interface ChainSeen {
  readonly table: Table;
  readonly name: string;
  readonly forward: boolean;
  readonly drop: boolean;
  readonly base: boolean;
}

const families = ["ip", "ip6", "inet"] as const;
/** NF_INET_FORWARD */
const FORWARD = 2;

/** The chains of all tables: one dump for each family, however many tables there are. */
const allChains = (ns: Netns): ChainSeen[] =>
  families.flatMap((family) =>
    ns.nf
      .dump({
        type: NFT_MSG.getChain,
        payload: chainMessage.write({ family: nfproto[family] }),
        op: `nft list chains ${family}`,
      })
      .map((m) => chainMessage.read(m.payload))
      .map((c) => ({
        table: { family, name: c.table ?? "" },
        name: c.name ?? "",
        forward: c.type === "filter" && c.hook?.num === FORWARD,
        drop: c.policy === 0,
        base: c.hook !== undefined,
      })),
  );

/** iptables' own. It shows a table no more in which it meets what it has no words for: the mark is asked for in its own. */
const isIptables = (table: Table, chain: string): boolean =>
  table.family !== "inet" && table.name === "filter" && chain === "FORWARD";

/** Every chain of others that all forwarded packets come to. */
export const foreignChains = (ns: Netns, adminChain: string): ForeignChain[] => {
  const chains = allChains(ns);
  return chains
    .filter((c) => c.forward && !c.table.name.startsWith("podwire_"))
    .map(({ table, name, drop }): ForeignChain => {
      const rules = listRules(ns, table, name);
      const rulesOf: RulesOf = (chain) => (chain === name ? rules : listRules(ns, table, chain));
      return {
        table,
        chain: name,
        ours: rules.filter((r) => r.comment === openingComment),
        // Docker and ufw set its policy when they start, which may be after the pods.
        drops: () => drop || isIptables(table, name) || dropsUnknown(rulesOf, name),
        hasAdminChain: chains.some(
          (x) => x.name === adminChain && !x.base && x.table.name === table.name && x.table.family === table.family,
        ),
      };
    });
};

/** In the order in which they are to stand. */
const opening = (c: ForeignChain, adminChain: string): Rule[] => {
  const bits = wordKey(markBits);
  const marked = isIptables(c.table, c.chain) ? [xtMark(markBits), counter()] : [matchMasked(mark, bits, bits)];
  const accept = rule([...marked, verdict("accept")], openingComment);
  return c.hasAdminChain ? [rule([...marked, verdict("jump", adminChain)], openingComment), accept] : [accept];
};

/** What is to be done to a chain that drops and has not all of the opening. */
export const planOpening = (c: ForeignChain, adminChain: string): NftChange[] => {
  const rules = opening(c, adminChain);
  if (c.ours.length >= rules.length || !c.drops()) return [];
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

/** On the generation it was planned on: two at once do not put the rule in twice, nor take it from under each other. */
const openNow = (kernel: Kernel, adminChain: string, which: (c: ForeignChain) => boolean = () => true): void =>
  again(() => {
    const planned = generation(kernel.host);
    const chains = foreignChains(kernel.host, adminChain).filter(which);
    const changes = chains.flatMap((c) => planOpening(c, adminChain));
    if (changes.length > 0) apply(kernel, [{ do: "nft", in: "", changes, generation: planned }]);
  });

const refused = (act: () => void): boolean => {
  try {
    act();
    return false;
  } catch (error) {
    if (isRefusal(error)) return true;
    throw error;
  }
};

/** Opens what has to be opened, and gives a line for a person about each chain whose owner does not let us. */
export const openForeign = (kernel: Kernel, adminChain: string): string[] => {
  if (!refused(() => openNow(kernel, adminChain))) return [];
  return foreignChains(kernel.host, adminChain).flatMap((c) => {
    const changes = planOpening(c, adminChain);
    const isIt = (x: ForeignChain): boolean =>
      x.chain === c.chain && x.table.name === c.table.name && x.table.family === c.table.family;
    return refused(() => openNow(kernel, adminChain, isIt))
      ? [
          `${chainWords(c)} drops what pods send, and its owner lets nobody change it; let them pass: ${mend(c, changes)}`,
        ]
      : [];
  });
};

export const chainWords = ({ table, chain }: ForeignChain): string =>
  `chain ${chain} of table ${table.family} ${table.name}`;

/** The command that opens it. A table can belong to a process alone, as firewalld's newer ones do. */
export const mend = ({ table }: ForeignChain, changes: readonly NftChange[]): string =>
  table.name === "firewalld"
    ? "firewall-cmd --permanent --zone=trusted --add-source=POD-SUBNET && firewall-cmd --reload"
    : `nft '${changes.map(renderChange).join("; ")}'`;

/** What takes the openings away. */
const planClosing = (chains: readonly ForeignChain[]): NftChange[] =>
  chains.flatMap(({ table, chain, ours }) =>
    ours.map(({ handle }): NftChange => ({ do: "rule.del", table, chain, handle })),
  );

/**
 * When no pod is left, the openings go with our table, at once: who comes meanwhile is seen, or finds no table and makes
 * both anew. What a table's owner does not let us take stays: nobody sets the mark that it asks for.
 */
export const closeIfUnused = (kernel: Kernel, of: BaseOfTable): void => {
  // A kernel without nf_tables has no generation either.
  if (!hasTable(kernel.host, of.table)) return;
  const close = (foreign: (chains: readonly ForeignChain[]) => NftChange[]): void =>
    again(() => {
      const planned = generation(kernel.host);
      if (!hasTable(kernel.host, of.table) || !holdsNothing(kernel.host, of)) return;
      const changes: NftChange[] = [...foreign(foreignChains(kernel.host, "")), { do: "table.del", table: of.table }];
      apply(kernel, [{ do: "nft", in: "", changes, generation: planned }]);
    });
  if (refused(() => close(planClosing))) close(() => []);
};
