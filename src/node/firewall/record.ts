/** What was done to the host's firewall, on disk before it is done: exactly that is taken away again, also after a kill. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import * as v from "valibot";
import { FaultError } from "../../base/fault.ts";
import { type ManagerName, managerNames, type Undo } from "./manager.ts";

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

const words = v.pipe(v.array(v.string()), v.minLength(1));
const manager = v.picklist(managerNames);
const families = ["ip", "ip6", "inet", "arp", "bridge", "netdev"] as const;
const undo = v.variant("kind", [
  v.object({
    kind: v.literal("run"),
    run: words,
    when: v.optional(words),
    gone: v.optional(v.array(v.number())),
  }),
  v.object({
    kind: v.literal("nft-rule"),
    table: v.object({ family: v.picklist(families), name: v.string() }),
    chain: v.string(),
    comment: v.pipe(v.string(), v.startsWith("podwire: ")),
  }),
]);
const schema = v.object({
  apiVersion: v.literal("podwire.dev/v1alpha1"),
  kind: v.literal("FirewallRecord"),
  entries: v.array(v.object({ manager, line: words, undo, unconfirmed: v.optional(v.string()) })),
  boot: v.array(v.object({ manager, path: v.pipe(v.string(), v.startsWith("/")) })),
});

const parsed = (text: string): FirewallRecord | undefined => {
  try {
    const told = v.safeParse(schema, JSON.parse(text));
    return told.success ? (told.output as FirewallRecord) : undefined;
  } catch {
    return undefined;
  }
};

/** @throws FaultError unavailable for a file that is not ours */
export const readRecord = (path = recordPath): FirewallRecord => {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return none;
    throw new FaultError({ kind: "io", op: "read", path: recordPath, errno: code ?? String(error) });
  }
  const record = parsed(text);
  if (record) return record;
  throw new FaultError({
    kind: "unavailable",
    why: `${path} is not the record of what podwire did to the firewall, so it cannot be told what to take away`,
    fix: `mv ${path} ${path}.broken, and look for rules with the comment "podwire: "`,
  });
};

/** Whole or not at all; without entries there is no file. @throws FaultError io */
export const writeRecord = (record: FirewallRecord, path = recordPath): void => {
  if (record.entries.length === 0 && record.boot.length === 0) {
    rmSync(path, { force: true });
    return;
  }
  const part = `${path}.part`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
    writeFileSync(part, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600, flush: true });
    renameSync(part, path);
  } catch (error) {
    rmSync(part, { force: true });
    const errno = (error as NodeJS.ErrnoException).code;
    throw errno === undefined ? error : new FaultError({ kind: "io", op: "write", path, errno }, error);
  }
};
