/** All that `ip`, `bridge` and `tc` see of a namespace, without what changes by itself: for comparing two, or before and after. */
import type { TestNetns } from "./netns.ts";

type Json = Record<string, unknown>;

/** Counters and timers, and what the kernel works out a moment later: carrier, states of links and of detection. */
const moving = new Set([
  ...["hello_timer", "tcn_timer", "topology_change_timer", "gc_timer", "hold_timer", "message_age_timer"],
  ...["forward_delay_timer", "stats", "stats64", "used", "updated", "operstate", "qdisc", "tentative", "promiscuity"],
  ...[
    "ifindex",
    "link_index",
    "link_netnsid",
    "bridge_id",
    "root_id",
    "state",
    "usedbcqueuelen",
    "port_no",
    "id",
    "no",
  ],
  ...["designated_port", "carrier_changes", "allmulti", "direct_packets_stat"],
]);
const late = new Set(["LOWER_UP", "NO-CARRIER", "linkdown", "dead", "M-DOWN"]);

const still = (value: unknown, keep: ReadonlySet<string>): unknown => {
  if (Array.isArray(value)) return value.filter((x) => !late.has(x)).map((x) => still(x, keep));
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).filter(([k]) => keep.has(k) || !moving.has(k));
  return Object.fromEntries(entries.map(([k, v]) => [k, still(v, keep)]));
};

const sorted = (list: readonly Json[], keep: readonly string[] = []): unknown[] =>
  list
    .map((x) => still(x, new Set(keep)))
    .map((x) => JSON.stringify(x))
    .sort()
    .map((x) => JSON.parse(x));

/**
 * Qdiscs, and the classes and filters of the devices that have more than the kernel gives each by itself: as text, since
 * not all that `tc` calls JSON is. Without what the kernel counts on: an action's number, that of the
 * table of each number of u32 filters.
 */
export const trafficControl = (ns: TestNetns): Record<string, unknown> => {
  const qdiscs = ns.tcJson<Json & { handle: string; dev: string; kind: string }>("qdisc show");
  const devices = [...new Set(qdiscs.filter((q) => q.handle !== "0:").map((q) => q.dev))].sort();
  const shown = devices.map((dev) =>
    ns.sh(`echo ${dev}; tc -d class show dev ${dev} | sort; for hook in "" ingress egress; do
      echo "filter $hook"; tc -d filter show dev ${dev} $hook; done`),
  );
  const numbers = /\bindex \d+ ref \d+|\b(?<=(fh|ht) )8[\da-f]{2}\b/g;
  // A device that was never up has none of its own; once up, the kernel's default stays until it moves.
  const chosen = qdiscs.filter((q) => q.handle !== "0:" || q.kind !== "noqueue");
  return { qdiscs: sorted(chosen), classesAndFilters: shown.map((text) => text.replace(numbers, "")) };
};

/** Groups that the kernel joins by itself, a moment after a link is up (RFC 1112, RFC 2464). */
const isGroup = (mac: unknown): boolean => /^(33:33|01:00:5e)/.test(String(mac));

/** `sysctls` are read too, by their names with slashes. Two namespaces made by the same lines give equal snapshots. */
export const snapshot = (ns: TestNetns, sysctls: readonly string[] = []): Record<string, unknown> => ({
  addresses: sorted(ns.ipJson("address")),
  routes4: sorted(ns.ipJson("-4 route show table all")),
  // The kernel's own come when an address has been found free, or a carrier.
  routes6: sorted(
    ns.ipJson<Json>("-6 route show table all").filter((r) => r.table !== "local" || r.protocol !== "kernel"),
  ),
  rules4: sorted(ns.ipJson("-4 rule")),
  rules6: sorted(ns.ipJson("-6 rule")),
  // Entries that traffic made come and go.
  neighbours: sorted(ns.ipJson<Json>("neighbour show nud permanent"), ["state"]),
  fdb: sorted(
    ns.bridgeJson<Json>("fdb").filter((e) => (e.state === "permanent" || e.state === "static") && !isGroup(e.mac)),
    ["state"],
  ),
  ports: sorted(ns.bridgeJson("link")),
  traffic: trafficControl(ns),
  sysctls: Object.fromEntries(sysctls.map((name) => [name, ns.sh(`cat /proc/sys/${name} 2>&1 || true`).trim()])),
});
