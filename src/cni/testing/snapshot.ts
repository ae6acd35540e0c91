/** What `ip` and `bridge` say of a namespace, without what differs from run to run: names, indexes and MACs by chance. */
import type { TestNetns } from "../../kernel/testing/netns.ts";

type Value = null | boolean | number | string | Value[] | { [key: string]: Value };
type Row = { [key: string]: Value };

/** Of the day, of chance, or of the tool that made it (`protocol`). */
const dropped = new Set([
  ...["ifindex", "link_index", "link", "link_netnsid", "link-netns", "ifalias", "address", "broadcast", "permaddr"],
  ...["valid_life_time", "preferred_life_time", "protocol", "nodad", "tentative", "stable-privacy"],
  ...[
    "bridge_id",
    "root_id",
    "gc_timer",
    "designated_bridge",
    "designated_root",
    "hold_timer",
    "topology_change_timer",
  ],
  ...[
    "message_age_timer",
    "forward_delay_timer",
    "hello_timer",
    "tcn_timer",
    "promiscuity",
    "allmulti",
    "id",
    "bridge",
  ],
  ...[
    "operstate",
    "txqlen",
    "qdisc",
    "tso_max_size",
    "vlan_stats_enabled",
    "port_id",
    "port_no",
    "designated_port",
    "pref",
    "root",
    "no",
  ],
]);

/** Flags that follow the carrier, which the kernel tells in its own time. */
const carrier = new Set(["NO-CARRIER", "LOWER_UP", "linkdown"]);

const clean = (value: Value): Value => {
  if (typeof value === "string") return value.replace(/\bveth[0-9a-f]{8}\b/g, "veth");
  if (Array.isArray(value)) return value.filter((v) => !carrier.has(String(v))).map(clean);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !dropped.has(key))
      .map(([key, v]) => [key, clean(v)]),
  );
};

const linkLocal = (text: unknown): boolean => typeof text === "string" && /^fe80:/i.test(text);
const byText = (rows: Value[]): Value[] => rows.toSorted((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));

export interface Snapshot {
  readonly links: Value[];
  readonly addresses: Value[];
  readonly routes: Value[];
  readonly ports: Value[];
  readonly sysctls: string;
}

/** Link-local addresses and their routes follow the MAC and are left out. `sysctls` are paths below /proc/sys. */
export const snapshot = (ns: TestNetns, sysctls: readonly string[] = []): Snapshot => {
  const rows = ns.ipJson<Row>("addr");
  const addresses = rows.flatMap((l) =>
    (l.addr_info as Row[]).filter((a) => !linkLocal(a.local)).map((a) => ({ dev: l.ifname ?? "", ...a })),
  );
  const routes = [4, 6]
    .flatMap((f) => ns.ipJson<Row>(`-${f} route show table all`))
    // What stands in IPv6's local table comes and goes with duplicate address detection.
    .filter((r) => !(String(r.dst).includes(":") && r.table === "local") && !linkLocal(r.dst) && r.dst !== "ff00::/8");
  return {
    links: byText(ns.ipJson<Row>("link").map(clean)),
    addresses: byText(addresses.map(clean)),
    routes: byText(routes.map(clean)),
    ports: byText(ns.bridgeJson<Row>("link").map(clean)),
    sysctls: sysctls.length === 0 ? "" : ns.sh(sysctls.map((s) => `cat /proc/sys/${s} || echo none`).join("; ")),
  };
};
