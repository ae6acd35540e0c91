/** F8: nftables' service does not throw away everybody's tables when it is loaded again. */
import type { Check } from "../check.ts";
import { ok } from "../finding.ts";
import type { Host } from "../host.ts";
import { startsAtBoot } from "../reads/units.ts";

/** What the service of Debian and of Fedora loads. */
const mains = ["/etc/nftables.conf", "/etc/sysconfig/nftables.conf"];

const withoutComments = (text: string): string => text.replace(/#.*/g, "");

/** The file and what it includes by name. */
const filesOf = (host: Host, path: string, depth = 0): { readonly path: string; readonly text: string }[] => {
  const text = host.read(path);
  if (text === undefined) return [];
  const bare = withoutComments(text);
  const more = [...bare.matchAll(/^\s*include\s+"([^"*]+)"/gm)].map(([, name]) => name!);
  const inner =
    depth < 4 ? more.flatMap((name) => filesOf(host, name.startsWith("/") ? name : `/etc/${name}`, depth + 1)) : [];
  return [{ path, text: bare }, ...inner];
};

const flush = /^\s*flush\s+ruleset\b[^;\n]*/m;

const tablesOf = (text: string): string[] =>
  [...text.matchAll(/^\s*(?:add\s+)?table\s+((?:inet|ip6?|arp|bridge|netdev)\s+)?([\w-]+)\s*\{/gm)].map(
    ([, family, name]) => `${family?.trim() ?? "ip"} ${name}`,
  );

export const flushRulesetCheck: Check = {
  id: "F8",
  name: "flush-ruleset",
  area: "firewall",
  severity: "warn",
  title: "loading nftables.conf again leaves others' tables alone",
  why: "systemctl reload nftables deletes the rules of the pod network, kube-proxy and Docker until each notices",
  run: (host) => {
    const files = mains.flatMap((path) => filesOf(host, path));
    const found = files.find(({ text }) => flush.test(text));
    if (files.length === 0) return [];
    if (!found) return [ok(`no flush ruleset in ${files.map((f) => f.path).join(", ")}`)];
    // A lab's node has no services: its file speaks for itself.
    if (host.kind === "machine" && !startsAtBoot(host, "nftables.service"))
      return [ok(`flush ruleset in ${found.path}, which nothing loads at boot`)];
    const own = [...new Set(files.flatMap(({ text }) => tablesOf(text)))];
    const instead = own.map((table) => `add table ${table}; delete table ${table}`).join("; ");
    return [
      {
        outcome: "warn",
        seen: `flush ruleset in ${found.path}`,
        want: `only its own tables${own.length > 0 ? `: ${own.join(", ")}` : ""}`,
        fix: {
          command: `sed -i.before 's/^\\s*flush ruleset.*/${instead}/' ${found.path}`,
          undo: `mv ${found.path}.before ${found.path}`,
          survivesReboot: true,
        },
      },
    ];
  },
};
