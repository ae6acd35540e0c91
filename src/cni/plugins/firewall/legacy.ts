/** The older iptables has rules of its own beside nf_tables, which netlink does not show. */
import { existsSync, readFileSync } from "../../../kernel/os/files.ts";
import type { Kernel } from "../../../net/kernel.ts";
import { openingComment } from "./foreign.ts";
import { markBits } from "./table.ts";

const files = {
  "/proc/thread-self/net/ip_tables_names": "iptables-legacy",
  "/proc/thread-self/net/ip6_tables_names": "ip6tables-legacy",
} as const;

/** A line for a person about each legacy filter that may drop what pods send. */
export const legacyWarnings = (kernel: Kernel): string[] =>
  kernel.host.enter(() =>
    Object.entries(files)
      .filter(([path]) => existsSync(path) && readFileSync(path).split("\n").includes("filter"))
      .map(
        ([, program]) =>
          `${program} has a filter of its own here; should its FORWARD drop (${program} -S FORWARD), let pods pass once: ` +
          `${program} -I FORWARD -m mark --mark ${markBits}/${markBits} -m comment --comment "${openingComment}" -j ACCEPT`,
      ),
  );
