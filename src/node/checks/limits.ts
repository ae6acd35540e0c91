/** M3: limits of the kernel that agents on a full node reach. */
import type { Check, Finding } from "../check.ts";
import { machineSysctl, ok, sysctlFix } from "../finding.ts";
import type { Host } from "../host.ts";

interface Limit {
  readonly name: string;
  readonly least: number;
  readonly what: string;
}

const limits: readonly Limit[] = [
  { name: "fs.inotify.max_user_instances", least: 8192, what: "watchers of files for one user" },
  { name: "fs.inotify.max_user_watches", least: 524_288, what: "watched files for one user" },
  { name: "kernel.keys.root_maxkeys", least: 10_000, what: "keys of root: one for each container" },
  { name: "kernel.pid_max", least: 32_768, what: "processes" },
  { name: "fs.file-max", least: 100_000, what: "open files" },
];

const look = (host: Host, { name, least, what }: Limit): Finding[] => {
  const value = machineSysctl(host, name);
  if (value === undefined) return [];
  if (Number(value) >= least) return [ok(value, name)];
  const fix = sysctlFix(host, name, String(least), value);
  return [{ outcome: "warn", subject: name, seen: value, want: `${least} ${what}`, fix }];
};

export const limitsCheck: Check = {
  id: "M3",
  name: "limits",
  area: "limits",
  severity: "warn",
  title: "the kernel's limits are high enough for a full node",
  why: "'too many open files', 'no space left on device': agents and containers do not start once the node has many",
  run: (host) => limits.flatMap((limit) => look(host, limit)),
};
