/** M1: room in the table of connections. */
import type { Check, Finding } from "../check.ts";
import { machineSysctl, ok, sysctlFix } from "../finding.ts";
import type { Host } from "../host.ts";

const name = "net.netfilter.nf_conntrack_max";

/** kube-proxy's own defaults: --conntrack-max-per-core, --conntrack-min. */
const perCore = 32_768;
const atLeast = 131_072;

const cores = (host: Host): number => [...(host.read("/proc/cpuinfo") ?? "").matchAll(/^processor\s*:/gm)].length;

/** One line for each processor, in hexadecimal (nf_conntrack_standalone.c). */
const lost = (host: Host): number => {
  const [head = "", ...rows] = (host.read("/proc/net/stat/nf_conntrack") ?? "").trim().split("\n");
  const names = head.trim().split(/\s+/);
  const column = names.indexOf("drop");
  return column < 0
    ? 0
    : rows.reduce((sum, row) => sum + Number.parseInt(row.trim().split(/\s+/)[column] ?? "0", 16), 0);
};

const room = (host: Host, max: number): Finding => {
  const want = Math.max(perCore * cores(host), atLeast);
  if (max >= want) return ok(`${max} connections`, "table");
  return {
    outcome: "warn",
    subject: "table",
    seen: `${max} connections at most`,
    want: `${want} (kube-proxy sets that itself where it may)`,
    fix: sysctlFix(host, name, String(want), String(max)),
  };
};

const use = (host: Host, max: number): Finding[] => {
  const count = host.sysctl("net.netfilter.nf_conntrack_count");
  if (count === undefined || max === 0) return [];
  const percent = Math.round((100 * Number(count)) / max);
  const drops = lost(host);
  const seen = `${count} connections, ${percent} %${drops > 0 ? `; ${drops} packets dropped since boot` : ""}`;
  if (percent < 80 && drops === 0) return [ok(seen, "in use")];
  return [
    {
      outcome: "warn",
      subject: "in use",
      seen,
      want: "below 80 %, and nothing dropped",
      fix: sysctlFix(host, name, String(2 * max), String(max)),
    },
  ];
};

export const conntrackCheck: Check = {
  id: "M1",
  name: "conntrack",
  area: "limits",
  severity: "warn",
  title: "the table of connections has room",
  why: "a full table drops new connections ('nf_conntrack: table full'), at random and under load first",
  run: (host) => {
    const own = machineSysctl(host, name);
    // Not loaded yet: the first rule that asks for connections makes it, with the kernel's own size.
    if (own === undefined) return [];
    const max = Number(own);
    return [room(host, max), ...use(host, max)];
  },
};
