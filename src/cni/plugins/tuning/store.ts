/**
 * The files with former values, one for each attachment: `<dataDir>/<container>_<interface>.json`, as the reference has
 * them. A file is made whole under another name first, so that a crash leaves the old one, the new one or none.
 */
import { FaultError, joinFaults } from "../../../base/fault.ts";
import { O } from "../../../kernel/os/files.ts";
import { short } from "../../mark.ts";
import type { Attachment } from "../../spec/types.ts";
import { parseBackup } from "./backup.ts";
import type { Files } from "./host.ts";

/** Whose file it is. */
export interface Owner extends Attachment {
  readonly network: string;
}

const nameOf = (a: Attachment): string => `${a.containerId}_${a.ifname}.json`;
/** A comma is in no name of a network, and no container's begins with a dot. */
const draftPrefix = (network: string): string => `.${short(network, 60)},`;

/** ENOENT of a file call, here or from node:fs. */
const isMissing = (error: unknown): boolean =>
  error instanceof FaultError
    ? error.fault.kind === "io" && error.fault.errno === "ENOENT"
    : (error as NodeJS.ErrnoException).code === "ENOENT";

const unlessMissing = <T>(act: () => T): T | undefined => {
  try {
    return act();
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
};

export class Store {
  readonly #files: Files;
  readonly #dir: string;

  constructor(files: Files, dir: string) {
    this.#files = files;
    this.#dir = dir;
  }

  path(a: Attachment): string {
    return `${this.#dir}/${nameOf(a)}`;
  }

  /** Undefined when there is none. */
  read(a: Attachment): string | undefined {
    return unlessMissing(() => this.#files.readFileSync(this.path(a)));
  }

  write(o: Owner, text: string): void {
    const draft = this.#draft(o);
    this.#files.mkdirSync(this.#dir, 0o700);
    try {
      this.#fill(draft, utf8.encode(text));
      this.#files.renameSync(draft, this.path(o));
    } catch (error) {
      this.#dropQuietly(draft);
      throw error;
    }
  }

  /** Its file and what a killed ADD left of one; none there will do. */
  remove(o: Owner): void {
    unlessMissing(() => this.#files.unlinkSync(this.path(o)));
    unlessMissing(() => this.#files.unlinkSync(this.#draft(o)));
  }

  /** Removes the network's files but those of `valid`; a file of the reference names no network and stays. */
  removeOthers(network: string, valid: readonly Attachment[]): void {
    const drafts = draftPrefix(network);
    const keep = new Set(valid.flatMap((a) => [nameOf(a), drafts + nameOf(a)]));
    const errors: unknown[] = [];
    for (const name of unlessMissing(() => this.#files.readdirSync(this.#dir)) ?? [])
      try {
        const path = `${this.#dir}/${name}`;
        if (!keep.has(name) && (name.startsWith(drafts) || this.#isOf(network, path)))
          unlessMissing(() => this.#files.unlinkSync(path));
      } catch (error) {
        errors.push(error);
      }
    if (errors.length > 0) throw joinFaults(errors);
  }

  #isOf(network: string, path: string): boolean {
    if (!path.endsWith(".json")) return false;
    const text = unlessMissing(() => this.#files.readFileSync(path));
    return text !== undefined && parseBackup(text)?.network === network;
  }

  #draft(o: Owner): string {
    return `${this.#dir}/${draftPrefix(o.network)}${nameOf(o)}`;
  }

  #fill(path: string, text: Uint8Array): void {
    const files = this.#files;
    const fd = files.openSync(path, O.wronly | O.creat | O.trunc, 0o600);
    try {
      // A full disk takes less than it is given.
      if (files.writeSync(fd, text) < text.length)
        throw new FaultError({ kind: "io", op: "write", path, errno: "ENOSPC" });
      files.fsyncSync(fd);
    } catch (error) {
      throw named(error, path);
    } finally {
      files.closeSync(fd);
    }
  }

  /** The next ADD of this attachment overwrites it, DEL and GC remove it. */
  #dropQuietly(path: string): void {
    try {
      this.#files.unlinkSync(path);
    } catch {
      // It was never made, or the disk is as full as before.
    }
  }
}

const utf8 = new TextEncoder();

/** A failed write does not say to what. */
const named = (error: unknown, path: string): unknown =>
  error instanceof FaultError && error.fault.kind === "io" ? new FaultError({ ...error.fault, path }, error) : error;
