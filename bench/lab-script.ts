/** A lab as a person makes it without podwire: a shell script of `ip` lines that leaves the same objects. */
import { hostCidr } from "../src/base/cidr.ts";
import { ipAdd, parseIp } from "../src/base/ip.ts";
import { planRoutes } from "../src/lab/plan/routes.ts";
import { planPod, planUnderlay } from "../src/lab/plan/underlay.ts";
import { type Lab, type LabNode, namespacesOf } from "../src/lab/topology/lab.ts";
import { render } from "../src/net/plan/render.ts";
import type { Step } from "../src/net/plan/step.ts";

const bridge = (node: LabNode): Step[] => [
  { do: "link.add", in: node.netns, link: { name: "cni0", up: true, info: { kind: "bridge" } } },
  ...node.subnets.map((s): Step => {
    const address = { ip: ipAdd(s.ip, 1), prefix: s.prefix };
    return { do: "address.add", in: node.netns, address: { link: "cni0", address } };
  }),
];

/** What the bridge plugin makes for the `n`-th pod of a node. */
const pod = (node: LabNode, netns: string, n: number): Step[] => [
  ...planPod(netns),
  {
    do: "link.add",
    in: node.netns,
    link: {
      name: `veth${n}`,
      up: true,
      master: "cni0",
      info: { kind: "veth" },
      peer: { name: "eth0", netns },
    },
  },
  { do: "link.set", in: netns, name: "eth0", set: { up: true } },
  ...node.subnets.flatMap((s): Step[] => [
    { do: "address.add", in: netns, address: { link: "eth0", address: { ip: ipAdd(s.ip, n + 1), prefix: s.prefix } } },
    {
      do: "route.add",
      in: netns,
      route: { dst: { ...hostCidr(parseIp("0.0.0.0")), prefix: 0 }, gw: ipAdd(s.ip, 1) },
    },
  ]),
];

/** IPv4 only: what the bench compares. */
export const labScript = (lab: Lab): string => {
  const steps = [
    ...planUnderlay(lab),
    ...planRoutes(lab),
    ...lab.nodes.flatMap((n) => [...bridge(n), ...n.pods.flatMap((p, i) => pod(n, p.netns, i + 1))]),
  ];
  return `set -e\n${steps.map(render).join("\n")}\n`;
};

/** The same person's way back. */
export const labScriptDown = (lab: Lab): string =>
  `${namespacesOf(lab)
    .map((path) => render({ do: "netns.del", in: "", path }))
    .join("\n")}\n`;
