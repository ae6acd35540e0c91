/** Names of users by number, from /etc/passwd; read once, and only when one is asked for. */
import { readFileSync } from "../../kernel/os/files.ts";

let names: ReadonlyMap<number, string> | undefined;

const read = (): ReadonlyMap<number, string> => {
  try {
    const lines = readFileSync("/etc/passwd").split("\n");
    // The first line of a number wins, as in getpwuid(3).
    return new Map(
      lines
        .map((line) => line.split(":"))
        .filter(([name, , uid]) => name !== undefined && uid !== undefined && /^\d+$/.test(uid))
        .map(([name, , uid]) => [Number(uid), name!] as const)
        .reverse(),
    );
  } catch {
    return new Map();
  }
};

/** Undefined for a number without a name. */
export const userName = (uid: number): string | undefined => {
  names ??= read();
  return names.get(uid);
};
