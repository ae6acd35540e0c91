/**
 * All that a plugin could leave behind, as lines of text: links, addresses, routes, rules, qdiscs and nf_tables of host
 * and pods, forwarding, and names of files. Two snapshots differ by their lines.
 */
import { readdirSync } from "node:fs";
import type { Stage } from "./stage.ts";
import { askLines, readStates } from "./state.ts";

/** How often each line is there. */
export type Snapshot = ReadonlyMap<string, number>;
type Row = Record<string, unknown>;

const linkLocal = (text: unknown): boolean => /^(fe80|ff)/i.test(String(text));

const lineOf = {
  links: (r: Row) =>
    `link ${r.ifname} ${(r.linkinfo as Row | undefined)?.info_kind ?? r.link_type} mtu ${r.mtu} master ${r.master ?? "none"} ` +
    `${(r.flags as string[]).includes("UP") ? "up" : "down"}${r.ifalias ? ` alias ${r.ifalias}` : ""}`,
  addresses: (r: Row) => `address ${r.local}/${r.prefixlen} dev ${r.ifname}`,
  // The kernel's own routes of IPv6 come and go with carrier and duplicate address detection.
  routes: (r: Row) =>
    linkLocal(r.dst) || (String(r.dst).includes(":") && r.table === "local")
      ? undefined
      : `route ${r.type === "unicast" ? "" : `${r.type} `}${r.dst} via ${r.gateway ?? "none"} dev ${r.dev} table ${r.table ?? "main"}`,
  rules: (r: Row) => `rule ${r.priority} from ${r.src}${r.srclen ? `/${r.srclen}` : ""} lookup ${r.table}`,
  // What a link has by itself is no trace of a plugin.
  qdiscs: (r: Row) =>
    ["noqueue", "pfifo_fast", "fq_codel", "noop", "mq"].includes(String(r.kind))
      ? undefined
      : `qdisc ${r.kind} ${r.handle} dev ${r.dev}`,
} as const satisfies Record<string, (row: Row) => string | undefined>;

/** Handles and counters say when, not what. */
const still = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(still);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => !["handle", "packets", "bytes", "expires"].includes(key));
  return Object.fromEntries(kept.map(([key, x]) => [key, still(x)]));
};

const nftLines = (stage: Stage): string[] => {
  const { exit, stdout } = stage.run("host", ["nft", "-j", "list", "ruleset"]);
  if (exit !== 0 || stdout.trim() === "") return [];
  const rows = (JSON.parse(stdout) as { nftables: Row[] }).nftables.filter((row) => !("metainfo" in row));
  return rows.flatMap((row) => {
    const [kind = "", of] = Object.entries(row)[0] ?? [];
    const { family, table, chain, name, elem, ...rest } = still(of) as Row;
    const where = [family, table, chain, name].filter((x) => x !== undefined).join(" ");
    const elements = Array.isArray(elem) ? elem.map((e) => `nft element ${where} ${JSON.stringify(e)}`) : [];
    return [`nft ${kind} ${where} ${JSON.stringify(rest)}`, ...elements];
  });
};

const forwarding = ["ipv4/ip_forward", "ipv6/conf/all/forwarding"];

const kinds = Object.keys(lineOf) as (keyof typeof lineOf)[];

const placeLines = (stage: Stage, place: string): string[] => {
  const states = readStates(stage, place, kinds);
  const values = askLines(
    stage,
    place,
    forwarding.map((name) => `cat /proc/sys/net/${name}`),
  );
  return [
    ...kinds.flatMap((kind) => (states.get(kind) ?? []).flatMap((row) => lineOf[kind](row) ?? [])),
    ...forwarding.map((name, i) => `sysctl net.${name.replaceAll("/", ".")} = ${values[i]?.trim()}`),
  ];
};

export const takeSnapshot = (stage: Stage, pods: readonly string[]): Snapshot => {
  const data = readdirSync(stage.variables.DATADIR ?? "", { recursive: true, withFileTypes: true });
  const lines = [
    ...["host", ...pods].flatMap((place) => placeLines(stage, place).map((line) => `${place}: ${line}`)),
    ...nftLines(stage).map((line) => `host: ${line}`),
    ...data.filter((entry) => entry.isFile()).map((entry) => `file ${entry.parentPath}/${entry.name}`),
  ];
  const count = new Map<string, number>();
  for (const line of lines) count.set(line, (count.get(line) ?? 0) + 1);
  return count;
};

/** Lines that are more now, after `+`, and those that are fewer, after `-`. Of a pod that is gone nothing is told. */
export const snapshotDifference = (before: Snapshot, now: Snapshot, gone: readonly string[]): string[] => {
  const told = (line: string): boolean => !gone.some((pod) => line.startsWith(`${pod}: `));
  const more = (a: Snapshot, b: Snapshot): string[] =>
    [...a].filter(([line, n]) => n > (b.get(line) ?? 0) && told(line)).map(([line]) => line);
  return [...more(now, before).map((line) => `+ ${line}`), ...more(before, now).map((line) => `- ${line}`)];
};
