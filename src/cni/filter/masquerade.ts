/**
 * Masquerading: what a pod sends beyond its own subnet leaves under this host's address. A map from pod address to a
 * chain for that subnet, so a pod costs one element, and a packet one look-up however many pods there are.
 */
import { type Cidr, cidrFamily, networkOf } from "../../base/cidr.ts";
import { FaultError } from "../../base/fault.ts";
import { type Ip, ipBytes, parseIp } from "../../base/ip.ts";
import type { Kernel } from "../../net/kernel.ts";
import { type BaseOfTable, baseDifferences, readTable, type SetsOfTable } from "../../net/nft/base.ts";
import { ip, ip6, masquerade, matchPrefix, nfproto, rule, verdict, vmap } from "../../net/nft/build.ts";
import { listChains } from "../../net/nft/read.ts";
import { renderChange } from "../../net/nft/render-change.ts";
import { hasNft } from "../../net/nft/transact.ts";
import type { Chain, NftSet, Rule, Table } from "../../net/nft/types.ts";
import type { Findings } from "../findings.ts";
import { commentOf, networkComment, type Owner } from "../mark.ts";
import type { Attachment } from "../spec/types.ts";
import { dropChains, dropIfUnused, type Held, hold, missing, release } from "./held.ts";

const table: Table = { family: "inet", name: "podwire_masquerade" };
const pods4: NftSet = { name: "pods4", key: ["ipv4_addr"], data: "verdict" };
const pods6: NftSet = { name: "pods6", key: ["ipv6_addr"], data: "verdict" };
const places: SetsOfTable = { table, sets: [pods4, pods6] };
const setOf = (address: Cidr): NftSet => (cidrFamily(address) === 4 ? pods4 : pods6);

/** NF_IP_PRI_NAT_SRC */
const SRCNAT = 100;
const prefix = "outside_";
const chainName = (a: Cidr): string => `${prefix}${networkOf(a).replaceAll(":", "-")}/${a.prefix}`;

const multicast = (family: 4 | 6): Cidr =>
  family === 4 ? { ip: parseIp("224.0.0.0"), prefix: 4 } : { ip: parseIp("ff00::"), prefix: 8 };

/** Within the subnet and to multicast groups a pod keeps its address. */
const outside = (a: Cidr): Chain & { rules: readonly Rule[] } => {
  const family = cidrFamily(a);
  const field = family === 4 ? ip.daddr : ip6.daddr;
  const to = (c: Cidr) => [nfproto(family), matchPrefix(field, ipBytes(networkOf(c)), c.prefix), verdict("return")];
  return { name: chainName(a), rules: [rule(to(a)), rule(to(multicast(family))), rule([masquerade()])] };
};

// A function: a plugin that masquerades nothing starts without it.
const postrouting = (): Chain & { rules: readonly Rule[] } => ({
  name: "postrouting",
  base: { type: "nat", hook: "postrouting", priority: SRCNAT },
  rules: [rule([nfproto(4), vmap([ip.saddr], "pods4")]), rule([nfproto(6), vmap([ip6.saddr], "pods6")])],
});

const baseFor = (addresses: readonly Cidr[]): BaseOfTable => {
  const chains = addresses.map(outside);
  const once = chains.filter((c, i) => chains.findIndex((x) => x.name === c.name) === i);
  return { ...places, chains: [postrouting(), ...once] };
};

const heldBy = (owner: Owner, addresses: readonly Cidr[]): Held[] =>
  addresses.map((a) => ({
    set: setOf(a),
    element: { key: [ipBytes(a.ip)], comment: commentOf(owner), data: { verdict: "goto", chain: chainName(a) } },
  }));

/** From now on the addresses are masqueraded; one that another attachment left behind is taken over. Gives the way back. */
export const addMasquerade = (kernel: Kernel, owner: Owner, addresses: readonly Cidr[]): (() => unknown[]) => {
  const back = hold(kernel, baseFor(addresses), heldBy(owner, addresses));
  return () => {
    const failed = back();
    dropChains(kernel, places, [...new Set(addresses.map(chainName))]);
    return failed;
  };
};

/**
 * Takes away what the attachment has; `addresses` are where to look, without them everywhere. With `wanted` false there
 * should be none, and not finding it there will do.
 */
export const removeMasquerade = (kernel: Kernel, owner: Owner, addresses?: readonly Ip[], wanted = true): void => {
  const mark = commentOf(owner);
  const where = addresses?.map((a) => ({ set: a.includes(":") ? pods6 : pods4, key: [ipBytes(a)] }));
  let gone = release(kernel, places, (comment) => comment === mark, where);
  if (where && wanted && gone.length < where.length) gone = [...gone, ...release(kernel, places, (c) => c === mark)];
  if (gone.length > 0) sweep(kernel, gone);
  // An ADD may have been killed between the table and its element.
  else if (wanted) tidyAll(kernel);
};

/** Takes away what attachments of the network have that are not in the list, and what a DEL that was killed has left. */
export const removeOtherMasquerades = (kernel: Kernel, network: string, valid: readonly Attachment[]): void => {
  const keep = new Set(valid.map((a) => commentOf({ network, ...a })));
  const ours = networkComment(network);
  release(kernel, places, (comment) => comment.startsWith(ours) && !keep.has(comment));
  tidyAll(kernel);
};

const tidyAll = (kernel: Kernel): void => {
  const chains = listChains(kernel.host, table) ?? [];
  tidy(
    kernel,
    chains.map((c) => c.name).filter((name) => name.startsWith(prefix)),
  );
};

const sweep = (kernel: Kernel, gone: readonly Held[]): void => {
  const named = gone.flatMap(({ element: { data } }) => (data && "chain" in data && data.chain ? [data.chain] : []));
  tidy(kernel, [...new Set(named)]);
};

const tidy = (kernel: Kernel, chains: readonly string[]): void => {
  dropChains(kernel, places, chains);
  dropIfUnused(kernel, places);
};

/** Every rule and element that `addMasquerade` made. */
export const checkMasquerade = (kernel: Kernel, owner: Owner, addresses: readonly Cidr[], found: Findings): void => {
  const base = baseFor(addresses);
  for (const words of baseDifferences(readTable(kernel.host, base), base)) found.edited(words, table);
  for (const { set, element } of missing(kernel, base, heldBy(owner, addresses)))
    found.gone(
      `masquerading of this pod in ${set.name}`,
      `nft '${renderChange({ do: "element.add", table, set, elements: [element] })}'`,
    );
};

/** @throws FaultError unavailable */
export const needsNft = (kernel: Kernel): void => {
  if (!hasNft(kernel.host))
    throw new FaultError({ kind: "unavailable", why: "this kernel has no nf_tables", fix: "modprobe nf_tables" });
};
