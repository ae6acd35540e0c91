/** The older iptables has rules of its own beside nf_tables, which netlink does not show. */
import type { FaultError } from "../../../base/fault.ts";
import { existsSync, readFileSync } from "../../../kernel/os/files.ts";
import type { Kernel } from "../../../net/kernel.ts";
import { openingComment } from "./foreign.ts";
import { markBits } from "./table.ts";

const files = {
  "/proc/thread-self/net/ip_tables_names": "iptables-legacy",
  "/proc/thread-self/net/ip6_tables_names": "ip6tables-legacy",
} as const;

/** Root of the whole machine alone may read them: in a user namespace nobody can tell, and a warning is no reason to fail. */
const tablesIn = (path: string): string[] => {
  try {
    return existsSync(path) ? readFileSync(path).split("\n") : [];
  } catch (error) {
    const { fault } = error as FaultError;
    if (fault?.kind === "io" && (fault.errno === "EACCES" || fault.errno === "EPERM")) return [];
    throw error;
  }
};

/** A line for a person about each legacy filter that may drop what pods send. */
export const legacyWarnings = (kernel: Kernel): string[] =>
  kernel.host.enter(() =>
    Object.entries(files)
      .filter(([path]) => tablesIn(path).includes("filter"))
      .map(
        ([, program]) =>
          `${program} has a filter of its own here; should its FORWARD drop (${program} -S FORWARD), let pods pass once: ` +
          `${program} -I FORWARD -m mark --mark ${markBits}/${markBits} -m comment --comment "${openingComment}" -j ACCEPT`,
      ),
  );
