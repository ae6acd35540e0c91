/** How many descriptors this process may hold: RLIMIT_NOFILE (prlimit(2)). */
import { must, sys } from "./syscall.ts";

const RLIMIT_NOFILE = 7;

/** Raises the soft limit to the hard one, which needs no privilege. Gives the limit that now holds. */
export const raiseFileLimit = (): number => {
  const limits = new BigUint64Array(2);
  const bytes = new Uint8Array(limits.buffer);
  must(sys("prlimit64", 0, RLIMIT_NOFILE, null, bytes), "read RLIMIT_NOFILE", "nothing");
  limits[0] = limits[1]!;
  must(sys("prlimit64", 0, RLIMIT_NOFILE, bytes, null), "raise RLIMIT_NOFILE", "nothing");
  return Number(limits[1]! < 1n << 30n ? limits[1]! : 1n << 30n);
};
