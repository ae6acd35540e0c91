/** Pods with an interface as a plugin before `vrf` leaves it. In few processes: the tests run where each is slow. */
import type { JsonObject } from "../../../../base/json-types.ts";
import type { TestNetns } from "../../../../kernel/testing/netns.ts";
import { run } from "../../../../kernel/testing/run.ts";
import type { Stage } from "../../../testing/stage.ts";

export const vrfConf = (more: JsonObject = {}): JsonObject => ({
  cniVersion: "1.1.0",
  name: "net1",
  type: "vrf",
  vrfname: "red",
  ...more,
});

/** Lines for one `ip`. */
const batch = (pod: TestNetns, input: string): string =>
  run(["ip", "-n", pod.name, "-details", "-batch", "-"], { input });

const n = (ifname: string): number => Number(ifname.replace("eth", ""));

/** What gives `ifname` its addresses and routes, each interface others. */
const lines = (ifname: string): string => `
  link add ${ifname} type dummy
  link set ${ifname} addrgenmode none
  link set ${ifname} up
  address add 10.${n(ifname)}.2.2/24 dev ${ifname}
  address add fd00:${n(ifname)}::2/64 dev ${ifname} nodad
  route append default via 10.${n(ifname)}.2.1
  route append 10.7${n(ifname)}.0.0/16 via 10.${n(ifname)}.2.9
  route append 10.7${n(ifname)}.0.0/16 via 10.${n(ifname)}.2.10
  route append fd0${n(ifname)}::/32 via fd00:${n(ifname)}::1 metric 7`;

/** A pod with these interfaces, and with the rules that the kernel makes with a namespace's first VRF, and keeps. */
export const podWith = (s: Stage, ...ifnames: string[]): TestNetns => {
  const pod = s.pod();
  batch(pod, `link add first type vrf table 4242\nlink del first${ifnames.map(lines).join("")}`);
  return pod;
};

/** The result that says the same. */
export const resultOf = (pod: TestNetns, ifname = "eth0", cniVersion = "1.1.0"): JsonObject => ({
  cniVersion,
  interfaces: [{ name: ifname, sandbox: pod.path }],
  ips: [
    { address: `10.${n(ifname)}.2.2/24`, interface: 0, gateway: `10.${n(ifname)}.2.1` },
    { address: `fd00:${n(ifname)}::2/64`, interface: 0, gateway: `fd00:${n(ifname)}::1` },
  ],
  routes: [
    { dst: "0.0.0.0/0" },
    { dst: `10.7${n(ifname)}.0.0/16`, gw: `10.${n(ifname)}.2.9` },
    { dst: `10.7${n(ifname)}.0.0/16`, gw: `10.${n(ifname)}.2.10` },
    { dst: `fd0${n(ifname)}::/32` },
  ],
});

/** All that `ip` sees of a pod, in lines without an order. */
export const view = (pod: TestNetns): string[] =>
  batch(pod, "address show\nroute show table all\nrule show").split("\n").sort();
