/** Files that a crash leaves whole: the old text or the new one, never half of either. */
import { type FileHandle, open, rename, unlink } from "node:fs/promises";
import { FaultError } from "../../base/fault.ts";

export interface AtomicWrite {
  /** Where the new text is made before it takes the name; on the same filesystem as `path`. */
  readonly temporary: string;
  /** Permission bits. */
  readonly mode: number;
  /**
   * `before` the text takes the name: what is there is whole even after a power cut. `behind` it, while the caller goes
   * on: whole after a kill, and after a power cut unless it comes within those milliseconds.
   */
  readonly sync: "before" | "behind";
}

/** Writes all of `text` and renames it to `path`. @throws FaultError io, with nothing left behind */
export const writeAtomically = async (path: string, text: string, how: AtomicWrite): Promise<void> => {
  const file = await open(how.temporary, "w", how.mode);
  try {
    await file.writeFile(text);
    if (how.sync === "before") await file.sync();
    await rename(how.temporary, path);
  } catch (error) {
    await file.close();
    await unlink(how.temporary).catch(() => undefined);
    throw refused(path, error);
  }
  if (how.sync === "before") await file.close();
  else void syncAndClose(file);
};

/** A failed write does not say to what. */
const refused = (path: string, error: unknown): unknown => {
  const errno = (error as NodeJS.ErrnoException).code;
  return errno === undefined ? error : new FaultError({ kind: "io", op: "write", path, errno }, error);
};

/** A disk that fails shows itself at the next write that waits. */
const syncAndClose = (file: FileHandle): Promise<void> =>
  file
    .sync()
    .catch(() => undefined)
    .then(() => file.close());
