/** Extended attributes of files (xattr(7)). */
import { cstr, sys } from "./syscall.ts";

/** The text of one; undefined where there is none, or it may not be read. */
export const readXattr = (path: string, name: string): string | undefined => {
  const b = new Uint8Array(256);
  const n = sys("getxattr", cstr(path), cstr(name), b, b.length);
  return n < 0 ? undefined : new TextDecoder().decode(b.subarray(0, n)).replace(/\0+$/, "");
};
