/** Which chains of a table can end a packet: by a policy, by a rule, or in a chain that a rule leads to. Pure. */
import { verdictCode } from "../../kernel/codec/nft/data.ts";
import { type Expr, isExpr } from "../../kernel/codec/nft/expressions.ts";

interface ChainLike {
  readonly name: string;
  readonly base?: { readonly policy?: "accept" | "drop" };
}

interface RuleLike {
  readonly chain: string;
  readonly exprs: readonly Expr[];
}

/**
 * Chains of programs of a cluster or of containers, and of those that ban single addresses: what a node needs they let through,
 * or it is for their own configuration to say, since they would undo a rule of ours.
 */
const program =
  /^(KUBE-|CNI-|FLANNEL-|DOCKER|NETAVARK|LIBVIRT_|(OLD_)?CILIUM_|cali-|cali(fw|tw|pi|po)|f2b-|ts-|podwire)/;

/** iptables' targets that end a packet; verdicts are in nf_tables' own words. */
const endings = ["DROP", "REJECT", "TARPIT", "NFQUEUE", "QUEUE"];

/** What a rule may do to a packet: end it, or lead it to other chains. */
const actsOf = (e: Expr): { readonly ends: boolean; readonly to?: string } => {
  if (isExpr(e, "immediate") && e.data?.verdict) {
    const { code, chain } = e.data.verdict;
    const led = (code === verdictCode.jump || code === verdictCode.goto) && chain !== undefined;
    return { ends: code !== undefined && code >= 0 && code !== verdictCode.accept, ...(led && { to: chain }) };
  }
  // A map of verdicts can hold any; its elements are not read.
  if (isExpr(e, "lookup")) return { ends: e.dreg === 0 };
  if (isExpr(e, "target")) return { ends: endings.includes(e.xtName ?? "") };
  return { ends: e.name === "reject" || e.name === "queue" || e.name === "synproxy" };
};

/** Names of the chains that can. `rules` are those of the table. */
export const droppers = (chains: readonly ChainLike[], rules: readonly RuleLike[]): ReadonlySet<string> => {
  const acts = Map.groupBy(
    rules.flatMap(({ chain, exprs }) => exprs.map((e) => ({ chain, ...actsOf(e) }))),
    ({ chain }) => chain,
  );
  const found = new Set(chains.filter(({ base }) => base?.policy === "drop").map(({ name }) => name));
  const leads = (name: string): boolean =>
    (acts.get(name) ?? []).some(({ ends, to }) => ends || (to !== undefined && !program.test(to) && found.has(to)));
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    for (const { name } of chains) if (leads(name)) found.add(name);
  }
  return found;
};
