/** What is guarded follows from the pods that have a policy: one change brings it to what they want. */
import { str } from "../../../kernel/codec/codec.ts";
import { apply } from "../../../net/apply.ts";
import type { Kernel } from "../../../net/kernel.ts";
import { ifnameKey } from "../../../net/nft/keys.ts";
import { hasTable, listElements } from "../../../net/nft/read.ts";
import { generation } from "../../../net/nft/transact.ts";
import type { Fields, NftChange, NftSet } from "../../../net/nft/types.ts";
import { again } from "../../filter/held.ts";
import { guarded, itself, policyUsers, table } from "./table.ts";

interface Wanted {
  readonly set: NftSet;
  readonly keys: readonly Fields[];
}

/** Names of the bridges that pods have a policy about. */
const bridgesWithPolicy = (kernel: Kernel): string[] => {
  const sets = Object.values(policyUsers).flatMap((of) => [of[4], of[6]]);
  const names = sets.flatMap((set) =>
    (listElements(kernel.host, table, set) ?? []).map(({ key }) => str.read(key[1] ?? new Uint8Array(0))),
  );
  return [...new Set(names)];
};

export const wantedGuards = (kernel: Kernel): Wanted[] => {
  const keys = bridgesWithPolicy(kernel).map(ifnameKey);
  return [
    { set: guarded, keys: keys.map((key) => [key]) },
    { set: itself, keys: keys.map((key) => [key, key]) },
  ];
};

const text = (key: Fields): string => key.map((b) => str.read(b)).join(" ");

/** Keys of a set that are wanted and not there, and the other way round. */
export const guardDifferences = (kernel: Kernel, { set, keys }: Wanted) => {
  const there = (listElements(kernel.host, table, set) ?? []).map((e) => e.key);
  const has = (list: readonly Fields[], key: Fields): boolean => list.some((k) => text(k) === text(key));
  return { missing: keys.filter((k) => !has(there, k)), extra: there.filter((k) => !has(keys, k)) };
};

const changesFor = (kernel: Kernel, wanted: Wanted): NftChange[] => {
  const { missing, extra } = guardDifferences(kernel, wanted);
  const change = (verb: "element.add" | "element.del", keys: readonly Fields[]): NftChange[] =>
    keys.length > 0 ? [{ do: verb, table, set: wanted.set, elements: keys.map((key) => ({ key })) }] : [];
  return [...change("element.del", extra), ...change("element.add", missing)];
};

/** Brings the guards to what the pods want; begins again when somebody else changes them meanwhile. */
export const syncGuards = (kernel: Kernel): void =>
  again(() => {
    const planned = generation(kernel.host);
    if (!hasTable(kernel.host, table)) return;
    const changes = wantedGuards(kernel).flatMap((w) => changesFor(kernel, w));
    if (changes.length > 0) apply(kernel, [{ do: "nft", in: "", changes, generation: planned }]);
  });
