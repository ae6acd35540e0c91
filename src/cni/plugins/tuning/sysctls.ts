/** Sysctls as they read. */
import { FaultError } from "../../../base/fault.ts";
import type { Netns } from "../../../net/kernel.ts";

export type Seen =
  | { readonly is: "value"; readonly text: string }
  /** The kernel has none of that name. */
  | { readonly is: "missing" }
  /** `net/ipv4/route/flush` can only be written, `stable_secret` not be read before it was. */
  | { readonly is: "unreadable" };

export const lookAt = (ns: Netns, name: string): Seen => {
  try {
    const text = ns.readSysctl(name);
    return text === undefined ? { is: "missing" } : { is: "value", text };
  } catch (error) {
    if (error instanceof FaultError && error.fault.kind === "io" && unreadable.has(error.fault.errno))
      return { is: "unreadable" };
    throw error;
  }
};
const unreadable: ReadonlySet<string> = new Set(["EACCES", "EPERM", "EIO"]);

/** The kernel reads the words of a value however far they stand apart, and writes them with tabs. */
export const spaced = (value: string): string => value.trim().replaceAll("\t", " ").replace(/ +/g, " ");
