/** What sysctls will be after the next boot: sysctl.d(5), and who else sets some of them. */
import type { Host } from "../host.ts";

export interface BootValue {
  readonly value: string;
  readonly path: string;
}

/** The first that has a file of a name hides the others' files of that name. */
const dirs = ["/etc/sysctl.d", "/run/sysctl.d", "/usr/local/lib/sysctl.d", "/usr/lib/sysctl.d", "/lib/sysctl.d"];

const files = (host: Host): string[] => {
  const byName = new Map<string, string>();
  for (const dir of dirs)
    for (const name of host.list(dir))
      if (name.endsWith(".conf") && !byName.has(name)) byName.set(name, `${dir}/${name}`);
  const sorted = [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, path]) => path);
  // procps reads it last; systemd not at all, but Debian links it as 99-sysctl.conf.
  return byName.has("99-sysctl.conf") ? sorted : [...sorted, "/etc/sysctl.conf"];
};

/** ufw loads a file of its own when it is enabled, after all others. */
const ufwFile = (host: Host): string[] =>
  /^ENABLED=yes/m.test(host.read("/etc/ufw/ufw.conf") ?? "") ? ["/etc/ufw/sysctl.conf"] : [];

const dotted = (key: string): string => (key.includes("/") ? key.replaceAll("/", ".") : key);

/** `*` stands for one part of the name. */
const matches = (pattern: string, name: string): boolean => {
  const [p, n] = [pattern.split("."), name.split(".")];
  return p.length === n.length && p.every((part, i) => part === "*" || part === n[i]);
};

/** Undefined when nothing sets it: then it is the kernel's own value. */
export const atBoot = (host: Host, name: string): BootValue | undefined => {
  let last: BootValue | undefined;
  let exact = false;
  for (const path of [...files(host), ...ufwFile(host)])
    for (const line of (host.read(path) ?? "").split("\n")) {
      const [, key, value] = /^\s*-?\s*([\w./*-]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
      if (key === undefined || value === undefined || !matches(dotted(key), name)) continue;
      // A name that is spelled out goes before a pattern, wherever it stands.
      const plain = !key.includes("*");
      if (exact && !plain) continue;
      exact = plain;
      last = { value, path };
    }
  return last;
};
