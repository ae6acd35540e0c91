/**
 * What is guarded follows from the pods that have a policy. Who comes puts in what its own bridge needs, who goes takes it
 * away when nobody of that bridge is left: neither looks at everybody else.
 */
import { str } from "../../../kernel/codec/codec.ts";
import { apply } from "../../../net/apply.ts";
import type { Kernel } from "../../../net/kernel.ts";
import { findElement, listElements, someElement } from "../../../net/nft/elements.ts";
import { ifnameKey } from "../../../net/nft/keys.ts";
import { hasTable } from "../../../net/nft/read.ts";
import { generation } from "../../../net/nft/transact.ts";
import type { Element, Fields, NftChange, NftSet } from "../../../net/nft/types.ts";
import { again, type Held } from "../../filter/held.ts";
import { guarded, itself, policySets, table } from "./table.ts";

interface Wanted {
  readonly set: NftSet;
  readonly keys: readonly Fields[];
}

/** The bridge that a policy is about. */
const bridgeOf = ({ key }: Element): string => str.read(key[1] ?? new Uint8Array(0));

const elementsOf = (kernel: Kernel, set: NftSet): readonly Element[] => listElements(kernel.host, table, set) ?? [];

/** Those with a policy; the rest is not about bridges. */
export const usersIn = (held: readonly Held[]): Held[] => held.filter(({ set }) => policySets.includes(set));

const guardsOf = (bridges: readonly string[]): Wanted[] => {
  const keys = [...new Set(bridges)].map(ifnameKey);
  return [
    { set: guarded, keys: keys.map((key) => [key]) },
    { set: itself, keys: keys.map((key) => [key, key]) },
  ];
};

/** What all pods together want. */
export const wantedGuards = (kernel: Kernel): Wanted[] =>
  guardsOf(policySets.flatMap((set) => elementsOf(kernel, set).map(bridgeOf)));

const text = (key: Fields): string => key.map((b) => str.read(b)).join(" ");

/** Keys of a set that are wanted and not there, and the other way round. */
export const guardDifferences = (kernel: Kernel, { set, keys }: Wanted) => {
  const there = elementsOf(kernel, set).map((e) => e.key);
  const has = (list: readonly Fields[], key: Fields): boolean => list.some((k) => text(k) === text(key));
  return { missing: keys.filter((k) => !has(there, k)), extra: there.filter((k) => !has(keys, k)) };
};

/** The changes for those guards that are there, or are not. */
const change = (kernel: Kernel, verb: "element.add" | "element.del", bridges: readonly string[]): NftChange[] =>
  guardsOf(bridges).flatMap(({ set, keys }): NftChange[] => {
    const isThere = (key: Fields): boolean => findElement(kernel.host, table, set, key) !== undefined;
    const elements = keys.filter((key) => isThere(key) === (verb === "element.del")).map((key) => ({ key }));
    return elements.length > 0 ? [{ do: verb, table, set, elements }] : [];
  });

/** A hole in the guard that somebody made: one bridge is let through to another. */
const holes = (kernel: Kernel): NftChange[] => {
  const elements = elementsOf(kernel, itself).filter(({ key: [a, b] }) => !a || !b || text([a]) !== text([b]));
  return elements.length > 0 ? [{ do: "element.del", table, set: itself, elements }] : [];
};

/** Once the users are in the table: who takes guards away from then on sees them. */
export const addGuards = (kernel: Kernel, users: readonly Held[]): void =>
  again(() => {
    if (users.length === 0) return;
    const bridges = users.map((h) => bridgeOf(h.element));
    const changes = [...holes(kernel), ...change(kernel, "element.add", bridges)];
    if (changes.length > 0) apply(kernel, [{ do: "nft", in: "", changes }]);
  });

/** The set in which the one that has gone was is the likeliest to have another: the search ends with the first one. */
const hasUser = (kernel: Kernel, bridge: string, gone: readonly Held[]): boolean =>
  [...new Set([...gone.map((h) => h.set), ...policySets])].some((set) =>
    someElement(kernel.host, table, set, (e) => bridgeOf(e) === bridge),
  );

/** Takes away what the users that have gone were the last to want; without them, what nobody wants. */
export const dropGuards = (kernel: Kernel, gone?: readonly Held[]): void =>
  again(() => {
    const planned = generation(kernel.host);
    if (!hasTable(kernel.host, table)) return;
    const bridges = gone
      ? gone.map((h) => bridgeOf(h.element))
      : [guarded, itself].flatMap((set) => elementsOf(kernel, set).map(({ key }) => text(key.slice(0, 1))));
    const unused = [...new Set(bridges)].filter((name) => !hasUser(kernel, name, gone ?? []));
    const changes = change(kernel, "element.del", unused);
    if (changes.length > 0) apply(kernel, [{ do: "nft", in: "", changes, generation: planned }]);
  });
