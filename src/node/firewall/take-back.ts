/** Takes away what was done to the firewall, by the record of it. What is gone already is fine. */
import type { Netns } from "../../net/kernel.ts";
import { findChain, listRules } from "../../net/nft/read.ts";
import { hasNft, transact } from "../../net/nft/transact.ts";
import type { Undo } from "./manager.ts";
import { must, says } from "./programs.ts";
import { type Entry, readRecord, writeRecord } from "./record.ts";
import { type Explain, shellLine } from "./words.ts";

const takeBackRule = (ns: Netns, { table, chain, comment }: Undo & { kind: "nft-rule" }, explain: Explain): void => {
  if (!hasNft(ns) || !findChain(ns, table, chain)) return;
  const ours = listRules(ns, table, chain).filter((r) => r.comment === comment);
  for (const { handle } of ours) explain(`nft delete rule ${table.family} ${table.name} ${chain} handle ${handle}`);
  transact(
    ns,
    ours.map(({ handle }) => ({ do: "rule.del", table, chain, handle })),
  );
};

const takeBack = (ns: Netns, undo: Undo, explain: Explain): void => {
  if (undo.kind === "nft-rule") {
    takeBackRule(ns, undo, explain);
    return;
  }
  if (undo.when && !says(undo.when)) return;
  explain(shellLine(undo.run));
  must(undo.run, undo.gone);
};

/** Takes back the given entries, last first, and all that can be: what fails stays in the record. */
export const takeAll = (ns: Netns, doomed: readonly Entry[], explain: Explain): unknown[] => {
  const errors: unknown[] = [];
  const gone = new Set<string>();
  for (const { line, undo } of doomed.toReversed())
    try {
      takeBack(ns, undo, explain);
      gone.add(shellLine(line));
    } catch (error) {
      errors.push(error);
    }
  try {
    const record = readRecord();
    writeRecord({ ...record, entries: record.entries.filter((e) => !gone.has(shellLine(e.line))) });
  } catch (error) {
    errors.push(error);
  }
  return errors;
};
