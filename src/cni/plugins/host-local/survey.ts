/** Reads the whole directory of a network: once after a change that was not ours, for GC, and for STATUS of a full range. */
import { type Ip, tryIp } from "../../../base/ip.ts";
import { type Disk, errnoIn, type Files } from "./disk.ts";
import type { IndexFile } from "./index-file.ts";
import type { Reservation } from "./index-slots.ts";

export interface Survey {
  readonly held: readonly Reservation[];
  /** Files without an owner: what a crash of the reference leaves behind. No one can hold them. */
  readonly empty: readonly Ip[];
}

/** Names in the directory that are addresses. */
export const addressNames = (files: Files, dir: string): Ip[] =>
  files.readdirSync(dir).filter((name): name is Ip => tryIp(name) === name);

/** Content of a reservation without surrounding blanks; undefined when there is none. */
export const readOwner = (files: Files, path: string): string | undefined => {
  try {
    return files.readFileSync(path).trim();
  } catch (error) {
    if (errnoIn(error) === "ENOENT" || errnoIn(error) === "EISDIR") return undefined;
    throw error;
  }
};

export const survey = (files: Files, dir: string): Survey => {
  const held: Reservation[] = [];
  const empty: Ip[] = [];
  for (const ip of addressNames(files, dir)) {
    const owner = readOwner(files, `${dir}/${ip}`);
    if (owner === "") empty.push(ip);
    else if (owner !== undefined) held.push({ ip, owner, seconds: files.statSync(`${dir}/${ip}`).mtime.s });
  }
  return { held, empty };
};

/**
 * Reservations made before the machine last started: no namespace of theirs can be left. Only what the index of an
 * earlier boot names is among them, so what the reference made since, or before we came, is never taken for dead.
 */
export const fromEarlierBoot = (
  disk: Disk,
  index: IndexFile | undefined,
  held: readonly Reservation[],
): Set<Reservation> => {
  const boot = disk.bootId();
  if (!index || boot === "" || index.header.boot === "" || index.header.boot === boot) return new Set();
  return new Set(held.filter((r) => index.knows(r)));
};
