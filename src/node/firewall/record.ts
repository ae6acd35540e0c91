/** What was done to the host's firewall, on disk before it is done: exactly that is taken away again, also after a kill. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { FaultError } from "../../base/fault.ts";
import type { ManagerName, Undo } from "./manager.ts";

export interface Entry {
  readonly manager: ManagerName;
  /** The line that was carried out. */
  readonly line: readonly string[];
  readonly undo: Undo;
  /** Set until the one who did it has confirmed that the host is still reached: which run it was. */
  readonly unconfirmed?: string;
}

export interface FirewallRecord {
  readonly apiVersion: "podwire.dev/v1alpha1";
  readonly kind: "FirewallRecord";
  readonly entries: readonly Entry[];
  /** Files with lines of ours. */
  readonly boot: readonly { readonly manager: ManagerName; readonly path: string }[];
}

export const recordPath = "/var/lib/podwire/firewall.json";
const none: FirewallRecord = { apiVersion: "podwire.dev/v1alpha1", kind: "FirewallRecord", entries: [], boot: [] };

/** @throws FaultError unavailable for a file that is not ours */
export const readRecord = (): FirewallRecord => {
  let text: string;
  try {
    text = readFileSync(recordPath, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return none;
    throw error;
  }
  try {
    const record = JSON.parse(text) as FirewallRecord;
    if (record.kind === "FirewallRecord" && Array.isArray(record.entries)) return record;
  } catch {
    // told below, as any other file that is not a record
  }
  throw new FaultError({
    kind: "unavailable",
    why: `${recordPath} is not the record of what podwire did to the firewall, so it cannot be told what to take away`,
    fix: `mv ${recordPath} ${recordPath}.broken, and look for rules with the comment "podwire: "`,
  });
};

/** Whole or not at all; without entries there is no file. */
export const writeRecord = (record: FirewallRecord): void => {
  if (record.entries.length === 0 && record.boot.length === 0) {
    rmSync(recordPath, { force: true });
    return;
  }
  mkdirSync(dirname(recordPath), { recursive: true, mode: 0o755 });
  const part = `${recordPath}.part`;
  writeFileSync(part, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600, flush: true });
  renameSync(part, recordPath);
};
