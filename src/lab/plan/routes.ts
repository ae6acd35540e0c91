/**
 * Routes between nodes: `ip route add 10.244.1.0/24 via <Node2-IP>`. Where a router stands between two nodes, it is the
 * next hop, and it needs the routes as well.
 */
import type { Step } from "../../net/plan/step.ts";
import { addressFor, type Lab, type LabNode } from "../topology/lab.ts";

const fromNode = (lab: Lab, from: LabNode, to: LabNode): Step[] =>
  to.subnets.map((dst) => {
    const router = lab.segments[from.segment]!.subnets.find((s) => s.router.ip.includes(":") === dst.ip.includes(":"))!
      .router.ip;
    const gw = from.segment === to.segment ? addressFor(to, dst) : router;
    return { do: "route.add", in: from.netns, route: { dst, gw } };
  });

/** The other segment, so that nodes reach each other through the router. */
const toSegments = (lab: Lab, from: LabNode): Step[] =>
  lab.segments.flatMap((segment, i) =>
    i === from.segment
      ? []
      : segment.subnets.map(
          (s, family): Step => ({
            do: "route.add",
            in: from.netns,
            route: { dst: s.cidr, gw: lab.segments[from.segment]!.subnets[family]!.router.ip },
          }),
        ),
  );

export const planRoutes = (lab: Lab): Step[] => [
  ...(lab.underlay === "router"
    ? lab.nodes.flatMap((n) =>
        n.subnets.map(
          (dst): Step => ({ do: "route.add", in: lab.underlayNetns, route: { dst, gw: addressFor(n, dst) } }),
        ),
      )
    : []),
  ...lab.nodes.flatMap((from) => [
    ...toSegments(lab, from),
    ...lab.nodes.filter((to) => to !== from).flatMap((to) => fromNode(lab, from, to)),
  ]),
];
