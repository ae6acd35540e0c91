/**
 * What the reference's plugins have put into nf_tables for a container: by `iptables-nft` into iptables' own tables, by
 * `nft` into tables of their own. After an upgrade it is DEL's to take away, and exactly that container's: chains that
 * all containers share stay, as they do when the reference takes away its own. What `iptables-legacy` has is not seen.
 */
import { hex } from "../../base/bytes.ts";
import { type Ip, ipBytes } from "../../base/ip.ts";
import { verdictCode } from "../../kernel/codec/nft/data.ts";
import { type Expr, isExpr } from "../../kernel/codec/nft/expressions.ts";
import { apply } from "../../net/apply.ts";
import type { Kernel, Netns } from "../../net/kernel.ts";
import { hasTable, jumpsTo, listRules } from "../../net/nft/read.ts";
import type { NftChange, RuleThere, Table } from "../../net/nft/types.ts";
import type { Owner } from "../mark.ts";
import { again } from "./held.ts";

const iptables = (name: "nat" | "filter"): Table[] => [
  { family: "ip", name },
  { family: "ip6", name },
];

/** The first hexadecimal digits of SHA-512, of which the reference makes its names. */
const digits = (text: string, n: number): string =>
  new Bun.CryptoHasher("sha512").update(text).digest("hex").slice(0, n);

/** One transaction for all, planned anew when others have changed meanwhile what it is about. True when there was any. */
const carryOut = (kernel: Kernel, plan: (ns: Netns) => NftChange[]): boolean =>
  again(() => {
    const changes = plan(kernel.host);
    if (changes.length > 0) apply(kernel, [{ do: "nft", in: "", changes }]);
    return changes.length > 0;
  });

const delRule = (table: Table, { chain, handle }: RuleThere): NftChange => ({ do: "rule.del", table, chain, handle });

const verdictOf = (e: Expr) => (isExpr(e, "immediate") && e.dreg === 0 ? e.data?.verdict : undefined);
const leadsTo = (r: RuleThere, chain: string): boolean => r.exprs.some((e) => verdictOf(e)?.chain === chain);

/** Which of these are there: without one, no name has to be made. */
const there = (ns: Netns, tables: readonly Table[]): Table[] => tables.filter((table) => hasTable(ns, table));

/** A container's own chain: the rules in `from` that lead to it, and itself when no others do. */
const planChain = (
  ns: Netns,
  table: Table,
  from: string,
  chain: string,
  isOurs: (r: RuleThere) => boolean = () => true,
): NftChange[] => {
  const jumps = jumpsTo(ns, table, chain);
  if (jumps === undefined) return [];
  const ours = listRules(ns, table, from).filter((r) => leadsTo(r, chain) && isOurs(r));
  const rules = ours.map((r) => delRule(table, r));
  if (jumps > ours.length) return rules;
  return [...rules, { do: "chain.flush", table, chain }, { do: "chain.del", table, chain }];
};

/** Rules in a table of the reference's own, told by their comment. */
const planCommented = (ns: Netns, table: Table, isOurs: (comment: string) => boolean): NftChange[] =>
  listRules(ns, table)
    .filter(({ comment }) => comment !== undefined && isOurs(comment))
    .map((r) => delRule(table, r));

/** The address that this expression wants, as hexadecimal digits. */
const wanted = (e: Expr | undefined): string | undefined => {
  const EQ = 0;
  const value = e && isExpr(e, "cmp") && (e.op ?? EQ) === EQ ? e.data?.value : undefined;
  return value && (value.length === 4 || value.length === 16) ? hex(value) : undefined;
};

/**
 * `ipMasq`. Interfaces of a container in one network share a chain, to which a rule for each address leads: `addresses`
 * are this interface's; without them all go.
 */
export const removeReferenceMasquerade = (kernel: Kernel, owner: Owner, addresses: readonly Ip[] = []): void => {
  const { network, containerId, ifname } = owner;
  const chain = (): string => `CNI-${digits(network + containerId, 24)}`;
  const own = new Set(addresses.map((a) => hex(ipBytes(a))));
  const isOurs = (r: RuleThere): boolean => own.size === 0 || r.exprs.some((e) => own.has(wanted(e) ?? ""));
  const begin = (): string => `${digits(network, 16)}-${digits(`${ifname}:${containerId}`, 16)}`;
  carryOut(kernel, (ns) => [
    ...there(ns, iptables("nat")).flatMap((table) => planChain(ns, table, "POSTROUTING", chain(), isOurs)),
    ...there(ns, [{ family: "inet", name: "cni_plugins_masquerade" }]).flatMap((table) => {
      const ours = begin();
      return planCommented(ns, table, (comment) => comment.startsWith(ours));
    }),
  ]);
};

/** `portmap`, which keeps a container's mappings together. True when there were any. */
export const removeReferenceMappings = (kernel: Kernel, { network, containerId }: Owner): boolean => {
  const chain = (): string => `CNI-DN-${digits(network + containerId, 21)}`;
  const own = (["ip", "ip6"] as const).map((family): Table => ({ family, name: "cni_hostport" }));
  return carryOut(kernel, (ns) => [
    ...there(ns, iptables("nat")).flatMap((table) => planChain(ns, table, "CNI-HOSTPORT-DNAT", chain())),
    ...there(ns, own).flatMap((table) => planCommented(ns, table, (comment) => comment === containerId)),
  ]);
};

/** `macspoofchk`. */
export const removeReferenceSpoofCheck = (kernel: Kernel, { containerId, ifname }: Owner): void => {
  const table: Table = { family: "bridge", name: "nat" };
  const chain = `cni-br-iface-${containerId}-${ifname}`;
  // The chain for the MAC is led to by the other alone.
  carryOut(kernel, (ns) => {
    if (!hasTable(ns, table)) return [];
    const first = planChain(ns, table, "PREROUTING", chain);
    const isGone = first.some((c) => c.do === "chain.del");
    return isGone
      ? [...first, ...planChain(ns, table, chain, `${chain}-mac`).filter((c) => c.do !== "rule.del")]
      : first;
  });
};

/** `--ctstate`: iptables' own match, or the kernel's words for it. */
const isState = (e: Expr): boolean =>
  (isExpr(e, "match") && e.xtName === "conntrack") || ["ct", "bitwise", "cmp"].includes(e.name);

/** Where an address of IPv4 and of IPv6 stands in the header. */
const source = [12, 8];
const destination = [16, 24];

/** `-s ADDRESS -j ACCEPT`, or `-d ADDRESS` with the state of the flow, and nothing besides. */
const isAccept = ({ exprs }: RuleThere, address: string): boolean => {
  const [where, what] = exprs;
  const [counter, verdict] = exprs.slice(-2);
  const state = exprs.slice(2, -2);
  const offset = where && isExpr(where, "payload") ? (where.offset ?? -1) : -1;
  return (
    wanted(what) === address &&
    (state.length === 0 ? source.includes(offset) : destination.includes(offset) && state.every(isState)) &&
    counter?.name === "counter" &&
    verdict !== undefined &&
    verdictOf(verdict)?.code === verdictCode.accept
  );
};

/** `firewall`, whose rules name nobody: they are told by the pod's addresses. */
export const removeReferenceAccepts = (kernel: Kernel, addresses: readonly Ip[]): void => {
  const own = addresses.map((a) => hex(ipBytes(a)));
  if (own.length === 0) return;
  carryOut(kernel, (ns) =>
    there(ns, iptables("filter")).flatMap((table) =>
      listRules(ns, table, "CNI-FORWARD")
        .filter((r) => own.some((address) => isAccept(r, address)))
        .map((r) => delRule(table, r)),
    ),
  );
};
