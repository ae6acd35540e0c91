/** A pod with two interfaces, eth0 on the cluster's network and net1 on another, as main plugins leave them; for tests. */
import type { JsonObject } from "../../../../base/json-types.ts";
import type { TestNetns } from "../../../../kernel/testing/netns.ts";

/** Link-local addresses come with MACs, which are given so that two pods are the same. */
export const ground = (pod: TestNetns): void => {
  pod.sh(`
    ip link set lo up
    sysctl -qw net.ipv6.conf.default.accept_dad=0
    ip link add eth0 address 02:00:00:00:00:01 type veth peer name far0
    ip link add net1 address 02:00:00:00:00:02 type veth peer name far1
    for l in far0 far1; do sysctl -qw net.ipv6.conf.$l.disable_ipv6=1; done
    for l in far0 far1 eth0 net1; do ip link set $l up; done
    ip address add 10.244.1.5/24 dev eth0
    ip address add fd00:244::5/64 dev eth0 nodad
    ip route add default via 10.244.1.1 dev eth0 proto 112
    ip -6 route add default via fd00:244::1 dev eth0 proto 112`);
};

/** What is put on net1: addresses, then routes as `ip` takes them. */
export interface Net1 {
  readonly ips: readonly JsonObject[];
  readonly routes?: readonly JsonObject[];
  /** More lines of sh. */
  readonly more?: string;
}

const isSix = (text: unknown): boolean => String(text).includes(":");

/** Puts addresses and routes on net1, and gives the result that the plugin which did it would have given. */
export const attach = (pod: TestNetns, { ips, routes = [], more = "" }: Net1, cniVersion = "1.1.0"): JsonObject => {
  const first = (six: boolean) => ips.find((ip) => ip.gateway && isSix(ip.address) === six)?.gateway;
  const lines = [
    ...ips.map((ip) => `ip address add ${ip.address} dev net1${isSix(ip.address) ? " nodad" : ""}`),
    ...routes.map((x) => {
      const gw = x.gw ?? first(isSix(x.dst));
      return `ip ${isSix(x.dst) ? "-6 " : ""}route append ${x.dst}${gw ? ` via ${gw}` : ""} dev net1 proto 112`;
    }),
    more,
  ];
  pod.sh(lines.join("\n"));
  const old = /^0\.[34]/.test(cniVersion);
  return {
    cniVersion,
    interfaces: [{ name: "net1", mac: "02:00:00:00:00:02", sandbox: pod.path }],
    ips: ips.map((ip) => ({ ...(old && { version: isSix(ip.address) ? "6" : "4" }), interface: 0, ...ip })),
    ...(routes.length > 0 && { routes }),
    ...(old && { dns: {} }),
  };
};

export const v4 = { address: "10.7.0.5/24", gateway: "10.7.0.1" };
export const v6 = { address: "fd00:7::5/64", gateway: "fd00:7::1" };
/** Both families, and routes of every kind that IPAM plugins give. */
export const dual: Net1 = {
  ips: [v4, v6],
  routes: [{ dst: "0.0.0.0/0" }, { dst: "192.168.0.0/16", gw: "10.7.0.9" }, { dst: "fd99::/32", gw: "fd00:7::9" }],
};

export const sbrConf = (prevResult: JsonObject | undefined, more: JsonObject = {}): JsonObject => ({
  cniVersion: String(prevResult?.cniVersion ?? "1.1.0"),
  name: "net1",
  type: "sbr",
  ...more,
  ...(prevResult && { prevResult }),
});

/** Rules as `ip` shows them, without what marks them as ours. */
export const rulesOf = (pod: TestNetns, whole = false): string[] =>
  [4, 6].flatMap((family) => {
    const lines = pod.ip(`-${family} rule`).split("\n");
    return lines
      .filter((line) => line !== "")
      .map((line) =>
        line
          .replace(/\s+/g, " ")
          .replace(whole ? "" : / suppress_ifgroup \d+ proto 112/, "")
          .trim(),
      );
  });

/** Routes of a table as `ip` shows them, without the words that say by whom. */
export const tableOf = (pod: TestNetns, table: number | string): string[] =>
  [4, 6].flatMap((family) =>
    pod
      // A table that was never used is an error of `ip`.
      .sh(`ip -${family} route show table ${table} 2>/dev/null || true`)
      .split("\n")
      .map((line) =>
        line
          .replace(/ proto \w+/, "")
          .replace(/ pref medium/, "")
          .trim(),
      )
      .filter((line) => line !== ""),
  );
