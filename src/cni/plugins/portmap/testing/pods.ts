/** Pods with mapped ports, for portmap's tests. */
import { expect } from "bun:test";
import type { JsonObject } from "../../../../base/json-types.ts";
import type { TestNetns } from "../../../../kernel/testing/netns.ts";
import type { Stage } from "../../../testing/stage.ts";
import { bridgeConf, dual } from "../../bridge/testing/conf.ts";

// A pod that asks for its own port: where br_netfilter is loaded, the frame leaves by the port that it came in on.
const gateway = { isDefaultGateway: true, hairpinMode: true };
export const ruleset = (ns: TestNetns): string => ns.sh("nft list ruleset");
export const base = { cniVersion: "1.1.0", name: "net1", type: "portmap" };
export const http = { hostPort: 8080, containerPort: 80, protocol: "tcp" };
export const dns = { hostPort: 53, containerPort: 5353, protocol: "udp" };
export const mapped = (portMappings: readonly JsonObject[], more: JsonObject = {}): JsonObject => ({
  ...base,
  ...more,
  runtimeConfig: { portMappings },
});

export interface Attached {
  readonly pod: TestNetns;
  readonly prevResult: JsonObject;
}

/** A pod on the bridge. */
export const attach = async (s: Stage, containerId = "pod1", ranges: readonly string[] = dual): Promise<Attached> => {
  const pod = s.pod();
  const { exit, json } = await s.call("ADD", bridgeConf(s, gateway, ranges), { pod, containerId });
  expect(exit).toBe(0);
  return { pod, prevResult: json };
};
export const map = (s: Stage, a: Attached, conf: JsonObject, verb = "ADD", containerId = "pod1") =>
  s.call(verb, { ...conf, prevResult: a.prevResult }, { pod: a.pod, containerId });

/** A machine next to the host, on a link of its own. */
export const neighbour = (s: Stage): TestNetns => {
  const other = s.pod();
  s.host.sh(`ip link add up0 type veth peer name eth0 netns ${other.name}
    ip addr add 192.0.2.1/24 dev up0; ip addr add 2001:db8::1/64 dev up0 nodad; ip link set up0 up; ip link set lo up`);
  other.sh(`ip addr add 192.0.2.2/24 dev eth0; ip addr add 2001:db8::2/64 dev eth0 nodad; ip link set eth0 up; ip link set lo up
    ip route add default via 192.0.2.1; ip -6 route add default via 2001:db8::1`);
  return other;
};
