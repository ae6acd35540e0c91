/**
 * What attachments hold in a table of nf_tables: elements of its sets, each with its owner's mark as comment. The table
 * is made with the first element and goes with the last.
 */
import { FaultError, joinFaults } from "../../base/fault.ts";
import { apply } from "../../net/apply.ts";
import type { Kernel } from "../../net/kernel.ts";
import { type BaseOfTable, holdsNothing, planBase, readTable, type SetsOfTable } from "../../net/nft/base.ts";
import { findElement, listElements } from "../../net/nft/elements.ts";
import { hasTable, jumpsTo } from "../../net/nft/read.ts";
import { generation } from "../../net/nft/transact.ts";
import type { Element, Fields, NftChange, NftSet } from "../../net/nft/types.ts";
import type { Step } from "../../net/plan/step.ts";
import { Journal } from "../journal.ts";

/** An element of a set. */
export interface Held {
  readonly set: NftSet;
  readonly element: Element;
}

/** How often what others do at the same time makes us begin again: with ever longer pauses, a second in all. */
const maxTries = 10;

/** The ruleset has changed between looking and changing. */
const isRace = (error: unknown): boolean =>
  error instanceof FaultError &&
  (error.fault.kind === "kernel"
    ? ["EEXIST", "ENOENT", "ERESTART", "EBUSY"].includes(error.fault.errno)
    : error.fault.kind === "many" && error.fault.of.every((f) => isRace(new FaultError(f))));

/** Does it again while others change what it looked at. */
export const again = <T>(act: () => T): T => {
  for (let tries = 1; ; tries++)
    try {
      return act();
    } catch (error) {
      if (tries === maxTries || !isRace(error)) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2 ** (tries - 1));
    }
};

const step = (changes: readonly NftChange[], planned?: number): Step => ({
  do: "nft",
  in: "",
  changes,
  ...(planned !== undefined && { generation: planned }),
});

/** One change for a set, however many elements: the kernel acknowledges each message. */
const bySet = (held: readonly Held[]): { readonly set: NftSet; readonly elements: readonly Element[] }[] =>
  [...new Set(held.map((h) => h.set))].map((set) => ({
    set,
    elements: held.filter((h) => h.set === set).map((h) => h.element),
  }));

/**
 * Puts the elements into the table, which is made or mended first, and gives the way back. `replace` is asked about an
 * element of that key that is there: it throws when that one must stay.
 */
export const hold = (
  kernel: Kernel,
  base: BaseOfTable,
  held: readonly Held[],
  replace: (there: Element, wanted: Held) => void = () => {},
): (() => unknown[]) =>
  again(() => {
    const journal = new Journal(kernel);
    try {
      const mend = planBase(readTable(kernel.host, base), base);
      if (mend.length > 0) journal.runShared([step(mend)], () => !holdsNothing(kernel.host, base));
      const gone = held.flatMap((h): Held[] => {
        const there = findElement(kernel.host, base.table, h.set, h.element.key);
        if (there) replace(there, h);
        return there ? [{ set: h.set, element: there }] : [];
      });
      const changes = [
        ...bySet(gone).map((x): NftChange => ({ do: "element.del", table: base.table, ...x })),
        ...bySet(held).map((x): NftChange => ({ do: "element.add", table: base.table, ...x, exclusive: true })),
      ];
      if (changes.length > 0) journal.run([step(changes)]);
      return () => journal.takeBack();
    } catch (error) {
      const failed = journal.takeBack();
      throw failed.length > 0 ? joinFaults([error, ...failed]) : error;
    }
  });

/** The keys under which an attachment holds something, where they are known: no need to look through everything. */
export interface Place {
  readonly set: NftSet;
  readonly key: Fields;
}

/**
 * Takes away the elements whose comment `isOurs`: those at `places`, or wherever they are. Gives what was taken away.
 * What is gone already will do.
 */
export const release = (
  kernel: Kernel,
  base: SetsOfTable,
  isOurs: (comment: string) => boolean,
  places?: readonly Place[],
): Held[] =>
  again(() => {
    if (!hasTable(kernel.host, base.table)) return [];
    const there: Held[] = places
      ? places.flatMap(({ set, key }) => {
          const element = findElement(kernel.host, base.table, set, key);
          return element ? [{ set, element }] : [];
        })
      : base.sets.flatMap((set) =>
          (listElements(kernel.host, base.table, set) ?? []).map((element) => ({ set, element })),
        );
    const ours = there.filter(({ element: { comment } }) => comment !== undefined && isOurs(comment));
    const changes = base.sets.flatMap((set): NftChange[] => {
      const elements = ours.filter((h) => h.set.name === set.name).map((h) => h.element);
      return elements.length > 0 ? [{ do: "element.del", table: base.table, set, elements }] : [];
    });
    if (changes.length > 0) apply(kernel, [step(changes)]);
    return ours;
  });

/** Tidying that others' changes keep from being done is left to the next who tidies: nothing is wrong with what stays. */
const unlessRaced = (act: () => void): void => {
  try {
    again(act);
  } catch (error) {
    if (!isRace(error)) throw error;
  }
};

/** Deletes chains that nothing jumps to any more. It looks first: the kernel takes its time over a refusal. */
export const dropChains = (kernel: Kernel, base: SetsOfTable, chains: readonly string[]): void => {
  const { table } = base;
  for (const chain of chains)
    unlessRaced(() => {
      const planned = generation(kernel.host);
      if (!hasTable(kernel.host, table) || jumpsTo(kernel.host, table, chain) !== 0) return;
      const changes: NftChange[] = [
        { do: "chain.flush", table, chain },
        { do: "chain.del", table, chain },
      ];
      apply(kernel, [step(changes, planned)]);
    });
};

/** Deletes the table when nobody holds anything in it. */
export const dropIfUnused = (kernel: Kernel, base: SetsOfTable): void =>
  unlessRaced(() => {
    // A kernel without nf_tables has no generation either.
    if (!hasTable(kernel.host, base.table)) return;
    const planned = generation(kernel.host);
    if (!hasTable(kernel.host, base.table) || !holdsNothing(kernel.host, base)) return;
    apply(kernel, [step([{ do: "table.del", table: base.table }], planned)]);
  });

/** The elements at these places that are not there, or are another's, or say something else. */
export const missing = (kernel: Kernel, base: BaseOfTable, held: readonly Held[]): Held[] =>
  held.filter(({ set, element }) => {
    const there = findElement(kernel.host, base.table, set, element.key);
    return !there || JSON.stringify(plain(there)) !== JSON.stringify(plain(element));
  });

const plain = ({ data, comment }: Element): unknown => [
  comment,
  data && "verdict" in data ? [data.verdict, data.chain] : data?.map((b) => [...b]),
];
