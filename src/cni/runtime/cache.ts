/**
 * The result cache on disk, shared with libcni: `<folder>/results/<network>-<container>-<interface>`. Entries are
 * replaced whole: a kill never leaves half of one, nor does a power cut once ADD has come to its end.
 */
import { mkdirSync, readdirSync, readFileSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { writeAtomically } from "../../kernel/os/atomic-file.ts";
import { type CacheKey, cacheName, decodeEntry, encodeEntry, type Remembered } from "./cache-format.ts";
import type { CacheEntry } from "./types.ts";

export interface Cache {
  /** Undefined when there is no entry. */
  read(key: CacheKey): CacheEntry | undefined;
  write(what: Remembered): Promise<void>;
  remove(key: CacheKey): void;
  /** Sorted by file name. */
  list(): CacheEntry[];
}

const unlessMissing = <T>(act: () => T): T | undefined => {
  try {
    return act();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
};

/** Our own files stand beside libcni's folder, which it reads whole. */
export const ownFolder = (cacheDir: string): string => {
  const folder = join(cacheDir, "podwire");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
};

let count = 0;

export const openCache = (cacheDir: string): Cache => {
  const results = join(cacheDir, "results");
  const pathOf = (key: CacheKey): string => join(results, cacheName(key));
  return {
    read: (key) => {
      const text = unlessMissing(() => readFileSync(pathOf(key), "utf8"));
      return text === undefined ? undefined : decodeEntry(text, pathOf(key), key);
    },
    write: async (what) => {
      const text = encodeEntry(what);
      mkdirSync(results, { recursive: true, mode: 0o700 });
      const key = { network: what.list.name, containerId: what.attach.containerId, ifname: what.attach.ifname };
      const temporary = join(ownFolder(cacheDir), `${process.pid}-${++count}`);
      // How far an ADD came has to outlive a kill of ours, not a power cut, which ends the container too.
      const sync = what.progress.finished === what.progress.of ? "before" : "behind";
      await writeAtomically(pathOf(key), text, { temporary, mode: 0o600, sync });
    },
    remove: (key) => {
      unlessMissing(() => unlinkSync(pathOf(key)));
    },
    list: () =>
      (unlessMissing(() => readdirSync(results)) ?? []).sort().flatMap((name) => {
        const file = join(results, name);
        // Another process may have removed it since.
        const text = unlessMissing(() => readFileSync(file, "utf8"));
        return text === undefined ? [] : [decodeEntry(text, file, undefined)];
      }),
  };
};
