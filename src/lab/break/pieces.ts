/** What several faults are made of. */
import { FaultError } from "../../base/fault.ts";
import type { Ip } from "../../base/ip.ts";
import type { Mac } from "../../base/mac.ts";
import type { Step } from "../../net/plan/step.ts";
import type { Host } from "../../node/host.ts";
import type { Ground } from "./fault.ts";

/** A second card, whose cable ends in the underlay's namespace on no bridge. */
export const secondCard = ({ lab, node }: Ground, mac?: Mac): Step[] => [
  {
    do: "link.add",
    in: lab.underlayNetns,
    link: {
      name: `${node.name}-eth1`,
      up: true,
      info: { kind: "veth" },
      peer: { name: "eth1", netns: node.netns, ...(mac ? { mac } : {}) },
    },
  },
  { do: "link.set", in: node.netns, name: "eth1", set: { up: true } },
];

/** A link vpn0 whose other end, in the underlay's namespace, is down: it is up, and has no carrier. */
export const closedTunnel = ({ lab, node }: Ground): Step[] => [
  {
    do: "link.add",
    in: lab.underlayNetns,
    link: { name: `${node.name}-vpn0`, info: { kind: "veth" }, peer: { name: "vpn0", netns: node.netns } },
  },
  { do: "link.set", in: node.netns, name: "vpn0", set: { up: true } },
];

/** A tunnel by eth0 that is not up: packets are none of its business. */
export const tunnel = ({ lab, node }: Ground, name: string, id: number, port: number): Step => ({
  do: "link.add",
  in: node.netns,
  // What a tunnel over IPv6 leaves, the smaller of the two.
  link: { name, lower: "eth0", mtu: lab.mtu - 70, info: { kind: "vxlan", data: { id, port } } },
});

/** MAC of a node's card to the others. */
export const eth0Mac = (host: Host): Mac => host.links.find((l) => l.name === "eth0")!.mac!;

/** Of the lab's first family. */
export const isV6 = ({ lab }: Ground): boolean => lab.clusterCidrs[0]!.ip.includes(":");

/** @throws FaultError unavailable */
export const otherNode = ({ others }: Ground): Pick<Ground, "node" | "host"> => {
  const [other] = others;
  if (other) return other;
  throw new FaultError({
    kind: "unavailable",
    why: "a lab of one node has no other to be like",
    fix: "podwire lab up --nodes 2",
  });
};

/** The pods' bridge is there when the node has a pod. @throws FaultError unavailable */
export const needBridge = ({ host, node }: Ground, name: string): void => {
  if (host.links.some((l) => l.name === name)) return;
  const why = `${node.name} has no pods, and so no bridge ${name}`;
  throw new FaultError({ kind: "unavailable", why, fix: "podwire lab up --pods 1" });
};

/** The node's IPv4 address on the underlay. @throws FaultError unavailable */
export const needIpv4 = ({ node, lab }: Ground): Ip => {
  const found = node.addresses.find((a) => !a.ip.includes(":"));
  if (found) return found.ip;
  throw new FaultError({
    kind: "unavailable",
    why: `lab ${lab.name} has no IPv4`,
    fix: "podwire lab up --family dual",
  });
};
