/** Carries out what the managers planned, each change once, and takes away exactly what was done. */
import { joinFaults } from "../../base/fault.ts";
import { transact } from "../../net/nft/transact.ts";
import type { Host } from "../host.ts";
import { clearBoot, writeBoot } from "./boot.ts";
import type { Change, ManagerName, ManagerPlan } from "./manager.ts";
import { must, needProgram, says } from "./programs.ts";
import { type Entry, readRecord, writeRecord } from "./record.ts";
import { takeAll } from "./take-back.ts";
import { type Explain, shellLine } from "./words.ts";

export interface Planned extends ManagerPlan {
  readonly manager: ManagerName;
}

const holds = ({ holds: question }: Change): boolean => (typeof question === "function" ? question() : says(question));

export interface Applied {
  readonly done: number;
  /** It was so already. */
  readonly kept: number;
  /** Of an earlier run, and no longer asked for. */
  readonly removed: number;
  /** Something is taken back unless it is confirmed: what was done, or what an earlier run did that nobody confirmed. */
  readonly pending: boolean;
}

export interface ApplyOptions {
  readonly explain: Explain;
  /** This run's name, when it is to be confirmed. */
  readonly unconfirmed?: string;
}

interface Todo {
  readonly manager: ManagerName;
  readonly change: Change;
}

const lineOf = ({ line }: Pick<Entry, "line">): string => shellLine(line);

/** On disk before anything is done: what a kill or a full disk leaves behind can be taken away. */
const recordFirst = (todo: readonly Todo[], unconfirmed: string | undefined): Entry[] => {
  const mark = unconfirmed === undefined ? {} : { unconfirmed };
  const planned = todo.map(({ manager, change: { line, undo } }): Entry => ({ manager, line, undo, ...mark }));
  if (planned.length === 0) return planned;
  const record = readRecord();
  const lines = new Set(planned.map(lineOf));
  writeRecord({ ...record, entries: [...record.entries.filter((e) => !lines.has(lineOf(e))), ...planned] });
  return planned;
};

/** What another run did that was never confirmed, and that this one wants, is this one's. */
const adopt = (wanted: ReadonlySet<string>, run: string | undefined): void => {
  const record = readRecord();
  const isLeft = (e: Entry): boolean => e.unconfirmed !== undefined && wanted.has(lineOf(e));
  if (!record.entries.some(isLeft)) return;
  const entries = record.entries.map((e) => {
    if (!isLeft(e)) return e;
    const { unconfirmed, ...confirmed } = e;
    return run === undefined ? confirmed : { ...confirmed, unconfirmed: run };
  });
  writeRecord({ ...record, entries });
};

/**
 * All of it or nothing: when a change fails, those of this run are taken back. What an earlier run did and this one does not
 * want goes, unless this one is still to be confirmed.
 */
export const applyPlans = (host: Host, plans: readonly Planned[], { explain, unconfirmed }: ApplyOptions): Applied => {
  const before = readRecord();
  const all = plans.flatMap(({ manager, changes }) => changes.map((change): Todo => ({ manager, change })));
  for (const manager of new Set(all.map((t) => t.manager))) needProgram(manager);
  const todo = all.filter(({ change }) => !holds(change));
  const wanted = new Set(all.map(({ change }) => lineOf(change)));
  adopt(wanted, unconfirmed);
  const planned = recordFirst(todo, unconfirmed);
  const begun: Entry[] = [];
  try {
    for (const [i, { change }] of todo.entries()) {
      begun.push(planned[i]!);
      explain(lineOf(change));
      if (change.act.kind === "run") must(change.line);
      else transact(host.ns, [change.act.change]);
    }
    // Where nothing waits for a word, the boot does not either.
    if (!waits(unconfirmed)) writeBoot(host, plans);
  } catch (error) {
    const never = planned.slice(begun.length).map(lineOf);
    const errors = takeAll(host.ns, begun, explain);
    forget(new Set(never));
    throw joinFaults([error, ...errors]);
  }
  const stale = unconfirmed === undefined ? before.entries.filter((e) => !wanted.has(lineOf(e))) : [];
  const errors = stale.length > 0 ? takeAll(host.ns, stale, explain) : [];
  if (errors.length > 0) throw joinFaults(errors);
  const counts = { done: todo.length, kept: all.length - todo.length, removed: stale.length };
  return { ...counts, pending: waits(unconfirmed) };
};

const waits = (run: string | undefined): boolean =>
  run !== undefined && readRecord().entries.some((e) => e.unconfirmed === run);

/** What was planned and not begun. */
const forget = (lines: ReadonlySet<string>): void => {
  const record = readRecord();
  writeRecord({ ...record, entries: record.entries.filter((e) => !lines.has(lineOf(e))) });
};

/** Everything of ours. @returns how many changes were taken back */
export const removeAll = (host: Host, explain: Explain): number => {
  const record = readRecord();
  const errors = record.entries.length > 0 ? takeAll(host.ns, record.entries, explain) : [];
  try {
    clearBoot(host, record.boot);
  } catch (error) {
    errors.push(error);
  }
  if (errors.length > 0) throw joinFaults(errors);
  writeRecord({ ...readRecord(), boot: [] });
  return record.entries.length;
};

/** What a run did that nobody confirmed. @returns how many changes were taken back */
export const rollBack = (host: Host, run: string, explain: Explain): number => {
  const doomed = readRecord().entries.filter((e) => e.unconfirmed === run);
  const errors = doomed.length > 0 ? takeAll(host.ns, doomed, explain) : [];
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
