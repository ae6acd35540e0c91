/** A transaction carried out, and the changes that take it back. */
import type { Netns } from "../kernel.ts";
import { findElement } from "./elements.ts";
import { listRules } from "./read.ts";
import { type TransactOptions, transact } from "./transact.ts";
import type { Element, NftChange, Table } from "./types.ts";

type ElementChange = NftChange & { do: "element.add" | "element.del" };

const same = (a: Table, b: Table): boolean => a.family === b.family && a.name === b.name;

/** What must be read before, since afterwards it is gone: the elements that the change meets. */
const metBefore = (ns: Netns, c: ElementChange): Element[] =>
  c.elements.map((e) => findElement(ns, c.table, c.set, e.key)).filter((e) => e !== undefined);

const keyOf = (e: Element): string => e.key.join("|");

/** Given what was there before and the handles of new rules, the way back of one change; undefined when it is one-way. */
const inverse = (ns: Netns, c: NftChange): ((handles: number[]) => NftChange | undefined) => {
  const { table } = c;
  switch (c.do) {
    case "table.add":
      return () => (c.exclusive ? { do: "table.del", table } : undefined);
    case "chain.add":
      return () => (c.exclusive ? { do: "chain.del", table, chain: c.chain.name } : undefined);
    case "set.add":
      return () => (c.exclusive ? { do: "set.del", table, set: c.set.name } : undefined);
    case "element.add": {
      const there = new Set(c.exclusive ? [] : metBefore(ns, c).map(keyOf));
      const elements = c.elements.filter((e) => !there.has(keyOf(e)));
      return () => (elements.length > 0 ? { do: "element.del", table, set: c.set, elements } : undefined);
    }
    case "element.del": {
      const elements = metBefore(ns, c);
      return () => ({ do: "element.add", table, set: c.set, elements, exclusive: true });
    }
    case "rule.add":
    case "rule.insert":
      return (handles) => {
        const handle = handles.shift();
        return handle === undefined ? undefined : { do: "rule.del", table, chain: c.chain, handle };
      };
    case "rule.del": {
      const rules = listRules(ns, table, c.chain);
      const at = rules.findIndex((r) => r.handle === c.handle);
      const rule = rules[at];
      const previous = rules[at - 1];
      if (!rule) return () => undefined;
      if (!previous) return () => ({ do: "rule.insert", table, chain: c.chain, rule });
      return () => ({ do: "rule.add", table, chain: c.chain, rule, after: previous.handle });
    }
    case "table.del":
    case "chain.flush":
    case "chain.del":
    case "set.flush":
    case "set.del":
      return () => undefined;
  }
};

/**
 * Carries out the changes and gives those that take them back, last first. What is emptied or deleted with its contents
 * (`flush`, a table, a chain, a set) does not come back. @throws FaultError, with nothing changed
 */
export const carryOut = (ns: Netns, changes: readonly NftChange[], options: TransactOptions): NftChange[] => {
  const created = changes.filter((c) => c.do === "table.add" && c.exclusive).map((c) => c.table);
  // A table takes with it what is in it.
  const within = (c: NftChange): boolean => c.do !== "table.add" && created.some((t) => same(t, c.table));
  const ways = changes.map((c) => (within(c) ? undefined : inverse(ns, c)));
  const handles = [...transact(ns, changes, options).handles];
  const back: NftChange[] = [];
  for (const [i, way] of ways.entries()) {
    // The handles come in the order of the rules: one that is not wanted is passed over.
    if (!way && changes[i]!.do.startsWith("rule.") && changes[i]!.do !== "rule.del") handles.shift();
    const change = way?.(handles);
    if (change) back.unshift(change);
  }
  return back;
};
