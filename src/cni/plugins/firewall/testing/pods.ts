/** Pods behind a firewall, for its tests. */
import { expect } from "bun:test";
import type { JsonObject } from "../../../../base/json-types.ts";
import type { TestNetns } from "../../../../kernel/testing/netns.ts";
import type { Stage } from "../../../testing/stage.ts";
import { ask } from "../../../testing/talk.ts";
import { bridgeConf, dual } from "../../bridge/testing/conf.ts";

export const base = { cniVersion: "1.1.0", name: "net1", type: "firewall" };
export const ruleset = (ns: TestNetns): string => ns.sh("nft list ruleset");
/** The table of podwire alone. */
export const own = (ns: TestNetns): string => ns.sh("nft list table inet podwire_firewall 2>/dev/null || true");

export interface Attached {
  readonly pod: TestNetns;
  readonly prevResult: JsonObject;
  readonly containerId: string;
}

/** A pod on a bridge; each bridge with subnets of its own. */
export const attach = async (s: Stage, containerId = "pod1", bridge = 0): Promise<Attached> => {
  const pod = s.pod();
  const ranges = bridge === 0 ? dual : [`10.${bridge}.0.0/24`, `fd00:${bridge}::/64`];
  const conf = bridgeConf(s, { isDefaultGateway: true, bridge: `br${bridge}`, name: `net${bridge}` }, ranges);
  const { exit, json } = await s.call("ADD", conf, { pod, containerId });
  expect(exit).toBe(0);
  return { pod, prevResult: json, containerId };
};

export const wall = (s: Stage, a: Attached, conf: JsonObject = base, verb = "ADD") =>
  s.call(verb, { ...conf, prevResult: a.prevResult }, { pod: a.pod, containerId: a.containerId });

/** Whether a pod or machine that serves port 80 is reached. What should not be has little time to prove it. */
export const reaches = (from: TestNetns, to: string, should: boolean): boolean =>
  ask(from, "tcp", to, 80, { wait: should ? 5000 : 700 }).startsWith("web");

/** The pod's addresses, without their prefixes. */
export const addressesOf = (a: Attached): string[] =>
  (a.prevResult.ips as { address: string }[]).map((ip) => ip.address.replace(/\/.*/, ""));

/** The world beyond the host, on a link of its own. */
export const neighbour = (s: Stage): TestNetns => {
  const other = s.pod();
  s.host.sh(`ip link add up0 type veth peer name eth0 netns ${other.name}
    ip addr add 192.0.2.1/24 dev up0; ip addr add 2001:db8::1/64 dev up0 nodad; ip link set up0 up; ip link set lo up`);
  other.sh(`ip addr add 192.0.2.2/24 dev eth0; ip addr add 2001:db8::2/64 dev eth0 nodad; ip link set eth0 up
    ip route add default via 192.0.2.1; ip -6 route add default via 2001:db8::1`);
  return other;
};
