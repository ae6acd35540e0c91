/** Carries out what the managers planned, each change once, and takes away exactly what was done. */
import { renameSync, statSync, writeFileSync } from "node:fs";
import { FaultError, joinFaults } from "../../base/fault.ts";
import { runProgram } from "../../kernel/os/run-program.ts";
import type { Netns } from "../../net/kernel.ts";
import { listRules } from "../../net/nft/read.ts";
import { transact } from "../../net/nft/transact.ts";
import type { Host } from "../host.ts";
import type { Change, ManagerName, ManagerPlan, Undo } from "./manager.ts";
import { managers } from "./managers/registry.ts";
import { type Entry, type FirewallRecord, readRecord, writeRecord } from "./record.ts";

export interface Planned extends ManagerPlan {
  readonly manager: ManagerName;
}

/** Told of each line before it is carried out. */
export type Explain = (line: string) => void;

const shellWord = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replace(/'/g, `'\\''`)}'`);
/** For a shell; a word that is quoted already, as nft wants comments, is quoted once more. */
export const shellLine = (words: readonly string[]): string => words.map(shellWord).join(" ");

const must = (words: readonly string[]): void => {
  const { exit, stderr, stdout } = runProgram(words);
  if (exit === 0) return;
  const said = (stderr || stdout).trim().split("\n").join("; ");
  throw new FaultError({ kind: "unavailable", why: `${shellLine(words)} ended with ${exit}: ${said}` });
};

const holds = ({ holds: question }: Change): boolean =>
  typeof question === "function" ? question() : runProgram(question).exit === 0;

const takeBack = (ns: Netns, undo: Undo, explain: Explain): void => {
  if (undo.kind === "run") {
    if (undo.when && runProgram(undo.when).exit !== 0) return;
    explain(shellLine(undo.run));
    must(undo.run);
    return;
  }
  const { table, chain, comment } = undo;
  const ours = listRules(ns, table, chain).filter((r) => r.comment === comment);
  for (const { handle } of ours) explain(`nft delete rule ${table.family} ${table.name} ${chain} handle ${handle}`);
  transact(
    ns,
    ours.map(({ handle }) => ({ do: "rule.del", table, chain, handle })),
  );
};

/** Takes back the given entries, last first, and all that can be: what fails stays in the record. */
const takeAll = (ns: Netns, doomed: readonly Entry[], explain: Explain): unknown[] => {
  const errors: unknown[] = [];
  for (const entry of doomed.toReversed())
    try {
      takeBack(ns, entry.undo, explain);
      const record = readRecord();
      writeRecord({ ...record, entries: record.entries.filter((e) => shellLine(e.line) !== shellLine(entry.line)) });
    } catch (error) {
      errors.push(error);
    }
  return errors;
};

const rewrite = (path: string, text: string): void => {
  const { mode, uid } = statSync(path);
  const part = `${path}.podwire`;
  writeFileSync(part, text, { mode: mode & 0o777, flush: true });
  if (uid !== 0) throw new FaultError({ kind: "unavailable", why: `${path} does not belong to root: left as it is` });
  renameSync(part, path);
};

const clearBoot = (host: Host, boot: FirewallRecord["boot"]): void => {
  for (const { manager, path } of boot) {
    const text = host.read(path);
    const clean = managers.find((m) => m.name === manager)?.withoutOurs;
    if (text !== undefined && clean && clean(text) !== text) rewrite(path, clean(text));
  }
};

export interface Applied {
  readonly done: number;
  /** It was so already. */
  readonly kept: number;
  /** Of an earlier run, and no longer asked for. */
  readonly removed: number;
}

export interface ApplyOptions {
  readonly explain: Explain;
  /** This run's name, when it is to be confirmed. */
  readonly unconfirmed?: string;
}

/**
 * All of it or nothing: when a change fails, those of this run are taken back. What an earlier run did and this one does not
 * want goes, unless this one is still to be confirmed.
 */
export const applyPlans = (host: Host, plans: readonly Planned[], { explain, unconfirmed }: ApplyOptions): Applied => {
  const before = readRecord();
  const wanted = new Set(plans.flatMap((p) => p.changes.map((c) => shellLine(c.line))));
  const done: Entry[] = [];
  let kept = 0;
  try {
    for (const { manager, changes } of plans)
      for (const change of changes) {
        if (holds(change)) {
          kept++;
          continue;
        }
        const { line, undo } = change;
        const entry: Entry = { manager, line, undo, ...(unconfirmed === undefined ? {} : { unconfirmed }) };
        done.push(entry);
        const record = readRecord();
        writeRecord({
          ...record,
          entries: [...record.entries.filter((e) => shellLine(e.line) !== shellLine(line)), entry],
        });
        explain(shellLine(line));
        if (change.act.kind === "run") must(line);
        else transact(host.ns, [change.act.change]);
      }
    if (unconfirmed === undefined) writeBoot(host, plans);
  } catch (error) {
    throw joinFaults([error, ...takeAll(host.ns, done, explain)]);
  }
  const stale = unconfirmed === undefined ? before.entries.filter((e) => !wanted.has(shellLine(e.line))) : [];
  const errors = takeAll(host.ns, stale, explain);
  if (errors.length > 0) throw joinFaults(errors);
  return { done: done.length, kept, removed: stale.length };
};

/** The files that are loaded at boot come last: a host that was locked out is whole again after a reboot. */
const writeBoot = (host: Host, plans: readonly Planned[]): void => {
  const record = readRecord();
  const boot = plans.flatMap(({ manager, boot: files }) => files.map(({ path }) => ({ manager, path })));
  writeRecord({ ...record, boot });
  clearBoot(
    host,
    record.boot.filter(({ path }) => !boot.some((b) => b.path === path)),
  );
  for (const { boot: files } of plans)
    for (const { path, withLines } of files) {
      const text = host.read(path) ?? "";
      const wanted = withLines(text);
      if (wanted !== text) rewrite(path, wanted);
    }
};

/** Everything of ours. @returns how many changes were taken back */
export const removeAll = (host: Host, explain: Explain): number => {
  const record = readRecord();
  clearBoot(host, record.boot);
  const errors = takeAll(host.ns, record.entries, explain);
  if (errors.length > 0) throw joinFaults(errors);
  writeRecord({ ...readRecord(), boot: [] });
  return record.entries.length;
};

/** What a run did that nobody confirmed. @returns how many changes were taken back */
export const rollBack = (host: Host, run: string, explain: Explain): number => {
  const doomed = readRecord().entries.filter((e) => e.unconfirmed === run);
  const errors = takeAll(host.ns, doomed, explain);
  if (errors.length > 0) throw joinFaults(errors);
  return doomed.length;
};

/** The host is still reached: what the run did stays, also over a reboot. @returns false when it was taken back meanwhile */
export const confirm = (host: Host, run: string, plans: readonly Planned[]): boolean => {
  const record = readRecord();
  if (!record.entries.some((e) => e.unconfirmed === run)) return false;
  const entries = record.entries.map(({ unconfirmed, ...e }) =>
    unconfirmed === run || unconfirmed === undefined ? e : { ...e, unconfirmed },
  );
  writeRecord({ ...record, entries });
  writeBoot(host, plans);
  return true;
};
