/** Files that a crash leaves whole: the old text or the new one, never half of either. */
import { type FileHandle, open, rename, unlink } from "node:fs/promises";
import { dirname } from "node:path";

export interface AtomicWrite {
  /** Where the new text is made before it takes the name; on the same filesystem as `path`. */
  readonly temporary: string;
  /** Permission bits. */
  readonly mode: number;
  /** The name itself has to survive a power cut too, not only the text under it. */
  readonly durable: boolean;
}

/** Writes all of `text`, syncs it, and renames it to `path`. @throws NodeJS.ErrnoException, with nothing left behind */
export const writeAtomically = async (path: string, text: string, how: AtomicWrite): Promise<void> => {
  try {
    await using file = await open(how.temporary, "w", how.mode);
    await file.writeFile(text);
    // A rename may reach the disk before the text does.
    await file.sync();
    await rename(how.temporary, path);
  } catch (error) {
    await unlink(how.temporary).catch(() => undefined);
    throw error;
  }
  if (how.durable) await syncFolder(dirname(path));
};

const syncFolder = async (path: string): Promise<void> => {
  await using folder: FileHandle = await open(path, "r");
  await folder.sync();
};
