/** Files of a node, changed and brought back as they were: text, mode, symbolic link, or nothing there. */
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { quote } from "../../net/plan/quote.ts";
import type { NodePlace } from "../place.ts";
import type { FileChange } from "./fault.ts";

/** What stood at a path. */
export interface FileBefore {
  readonly path: string;
  readonly was:
    | { readonly is: "file"; readonly base64: string; readonly mode: number }
    | { readonly is: "link"; readonly target: string }
    /** `made` is the highest folder that had to be made for it. */
    | { readonly is: "nothing"; readonly made?: string };
}

const pathOf = (at: NodePlace, { path }: FileChange): string => join(at.rootDir, path);

/** The folder may be a link to where the lab keeps it; the file itself is not followed. */
const landing = (path: string): string => {
  try {
    return join(realpathSync(dirname(path)), basename(path));
  } catch {
    return path;
  }
};

const before = (path: string): FileBefore => {
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (!there) return { path, was: { is: "nothing" } };
  if (there.isSymbolicLink()) return { path, was: { is: "link", target: readlinkSync(path) } };
  return { path, was: { is: "file", base64: readFileSync(path).toString("base64"), mode: there.mode & 0o7777 } };
};

/** Gives the way back. */
export const changeFile = (at: NodePlace, change: FileChange): FileBefore => {
  const path = landing(pathOf(at, change));
  const was = before(path);
  if (change.to === "gone") {
    rmSync(path, { force: true });
    return was;
  }
  const made = mkdirSync(dirname(path), { recursive: true });
  // What stands there may be a link to a file that is not the node's alone.
  rmSync(path, { force: true });
  writeFileSync(path, change.to.text);
  return was.was.is === "nothing" && made !== undefined ? { path, was: { is: "nothing", made } } : was;
};

export const restoreFile = ({ path, was }: FileBefore): void => {
  rmSync(path, { force: true });
  if (was.is === "link") symlinkSync(was.target, path);
  else if (was.is === "file") {
    writeFileSync(path, Buffer.from(was.base64, "base64"));
    chmodSync(path, was.mode);
  } else if (was.made !== undefined) rmSync(was.made, { recursive: true, force: true });
};

/** The line a person would have typed. */
export const renderFile = (at: NodePlace, change: FileChange): string => {
  const path = quote(pathOf(at, change));
  if (change.to === "gone") return `rm ${path}`;
  return `mkdir -p ${quote(dirname(pathOf(at, change)))} && printf '%s' ${quote(change.to.text)} > ${path}`;
};

export const renderRestore = ({ path, was }: FileBefore): string => {
  if (was.is === "link") return `ln -sf ${quote(was.target)} ${quote(path)}`;
  if (was.is === "nothing") return `rm -r ${quote(was.made ?? path)}`;
  return `printf '%s' ${quote(Buffer.from(was.base64, "base64").toString())} > ${quote(path)}`;
};
