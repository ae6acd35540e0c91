/** What may name a link: checked before the kernel is asked, whose answer to a bad name is a bare "Numerical result". */
import { FaultError } from "../base/fault.ts";

const utf8 = new TextEncoder();
/** Bytes of a name without its terminator: IFNAMSIZ - 1 (linux/if.h). */
const NAME_BYTES = 15;
/** Bytes of an alias: IFALIASZ - 1 (linux/if.h). */
const ALIAS_BYTES = 255;

const hasForbidden = (name: string): boolean => {
  for (let i = 0; i < name.length; i++) if ("/:\0".includes(name[i]!) || name[i]!.trim() === "") return true;
  return false;
};

/** As dev_valid_name has it: 1 to 15 bytes, no slash, colon or white space, not `.` or `..`. @throws FaultError bad-value */
export const checkLinkName = (name: string): void => {
  const bytes = utf8.encode(name).length;
  if (bytes > 0 && bytes <= NAME_BYTES && name !== "." && name !== ".." && !hasForbidden(name)) return;
  throw new FaultError({
    kind: "bad-value",
    what: "link name",
    got: `${JSON.stringify(name)} (${bytes} bytes)`,
    want: `1 to ${NAME_BYTES} bytes without slashes, colons or blanks`,
  });
};

/** @throws FaultError bad-value */
export const checkAlias = (alias: string): void => {
  const bytes = utf8.encode(alias).length;
  if (bytes <= ALIAS_BYTES && !alias.includes("\0")) return;
  throw new FaultError({
    kind: "bad-value",
    what: "link alias",
    got: `${bytes} bytes`,
    want: `at most ${ALIAS_BYTES} bytes without a NUL`,
  });
};
