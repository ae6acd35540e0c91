/** Reads a lab from the kernel, node by node, and says what differs from what was asked for. */
import { cidrText } from "../../base/cidr.ts";
import { isLinkLocal6 } from "../../base/ip.ts";
import { listAddresses } from "../../net/addresses.ts";
import type { Kernel, Netns } from "../../net/kernel.ts";
import { type Link, listLinks } from "../../net/links.ts";
import type { Step } from "../../net/plan/step.ts";
import { listRoutes, podwireProtocol } from "../../net/routes.ts";
import { bridgeName } from "../plan/config.ts";
import { planRoutes } from "../plan/routes.ts";
import { segmentBridge } from "../plan/underlay.ts";
import type { LabState } from "../state.ts";
import { type Lab, type LabNode, type LabPod, labOf } from "../topology/lab.ts";
import type { LabView, NodeView, PodView, RouteView } from "./view.ts";

/** Looks inside a namespace and closes the door again: an open one would keep it alive. */
const look = <T>(kernel: Kernel, path: string, at: (ns: Netns) => T): T | undefined => {
  if (kernel.inspect(path) !== "other") return undefined;
  try {
    return at(kernel.open(path));
  } finally {
    kernel.forget(path);
  }
};

const addressesOf = (ns: Netns, link: Link | undefined): string[] =>
  link
    ? listAddresses(ns, link.index)
        .filter((a) => !isLinkLocal6(a.address.ip))
        .map((a) => cidrText(a.address))
    : [];

const missing = "its network namespace is gone";

const viewPod = (kernel: Kernel, pod: LabPod, want: readonly string[], nodeLinks: readonly Link[]): PodView => {
  const seen = look(kernel, pod.netns, (ns) => {
    const eth0 = listLinks(ns).find((l) => l.name === "eth0");
    return { eth0, ips: addressesOf(ns, eth0) };
  });
  const about = { name: pod.name, netns: pod.netns };
  if (!seen) return { ...about, ips: [], problems: [missing] };
  const bridge = nodeLinks.find((l) => l.name === bridgeName);
  const veth = seen.eth0 && nodeLinks.find((l) => l.kind === "veth" && l.index === seen.eth0?.peer);
  const problems = [
    ...(seen.eth0 ? [] : ["has no eth0"]),
    ...(seen.eth0 && !seen.eth0.up ? ["eth0 is down"] : []),
    ...(seen.eth0 ? want.filter((ip) => !seen.ips.includes(ip)).map((ip) => `eth0 has lost ${ip}`) : []),
    ...(seen.eth0 && !veth ? ["its veth has no other end in the node"] : []),
    ...(veth && !veth.up ? [`${veth.name} is down`] : []),
    ...(veth && (bridge === undefined || veth.master !== bridge.index) ? [`${veth.name} is not on ${bridgeName}`] : []),
  ];
  return { ...about, ips: seen.ips, ...(veth ? { veth: veth.name } : {}), problems };
};

const routeText = (r: RouteView): string => `${r.dst} via ${r.via}`;

const viewNode = (kernel: Kernel, node: LabNode, state: LabState, wanted: readonly RouteView[]): NodeView => {
  const seen = look(kernel, node.netns, (ns) => {
    const links = listLinks(ns);
    const eth0 = links.find((l) => l.name === "eth0");
    const bridge = links.find((l) => l.name === bridgeName);
    const routes = listRoutes(ns)
      .filter((r) => r.protocol === podwireProtocol && r.gw !== undefined)
      .map((r): RouteView => ({ dst: cidrText(r.dst), via: r.gw! }));
    const forwards = ns.readSysctl("net/ipv4/ip_forward") === "1";
    return { links, eth0, bridge, routes, forwards, ips: addressesOf(ns, eth0), gateways: addressesOf(ns, bridge) };
  });
  const about = {
    name: node.name,
    role: node.role,
    ...(node.label ? { label: node.label } : {}),
    netns: node.netns,
    segment: node.segment,
    subnets: node.subnets.map(cidrText),
  };
  const pods = node.pods.map((p) => viewPod(kernel, p, state.podIps[p.name] ?? [], seen?.links ?? []));
  if (!seen) return { ...about, addresses: [], routes: [], pods, problems: [missing] };
  const lost = node.addresses.map(cidrText).filter((a) => !seen.ips.includes(a));
  const live = new Set(seen.routes.map(routeText));
  const problems = [
    ...(seen.eth0 ? [] : ["has no eth0 on the underlay"]),
    ...(seen.eth0 && !seen.eth0.up ? ["eth0 is down"] : []),
    ...(seen.eth0 ? lost.map((a) => `eth0 has lost ${a}`) : []),
    ...(node.pods.length > 0 && !seen.bridge ? [`has no bridge ${bridgeName}`] : []),
    ...(seen.bridge && !seen.bridge.up ? [`${bridgeName} is down`] : []),
    ...(seen.forwards ? [] : ["forwarding is off (net.ipv4.ip_forward)"]),
    ...wanted.filter((r) => !live.has(routeText(r))).map((r) => `has lost the route ${routeText(r)}`),
  ];
  const bridge = seen.bridge ? { bridge: { name: bridgeName, addresses: seen.gateways } } : {};
  return { ...about, addresses: seen.ips, ...bridge, routes: seen.routes, pods, problems };
};

const viewUnderlay = (kernel: Kernel, lab: Lab): string[] => {
  const links = look(kernel, lab.underlayNetns, listLinks);
  if (!links) return [`underlay: ${missing}`];
  const port = (name: string): Link | undefined => links.find((l) => l.name === name);
  return lab.nodes.flatMap((n) => {
    const found = port(n.name);
    if (!found) return [`underlay: has no port for ${n.name}`];
    if (!found.up) return [`underlay: the port of ${n.name} is down`];
    const master = port(segmentBridge(n.segment));
    return master && found.master === master.index ? [] : [`underlay: the port of ${n.name} is off its bridge`];
  });
};

export const viewLab = (kernel: Kernel, state: LabState): LabView => {
  const lab = labOf(state.topology);
  const routes = planRoutes(lab).filter((s): s is Step<"route.add"> => s.do === "route.add");
  const nodes = lab.nodes.map((n) => {
    const wanted = routes
      .filter((s) => s.in === n.netns)
      .map((s): RouteView => ({ dst: cidrText(s.route.dst), via: s.route.gw! }));
    return viewNode(kernel, n, state, wanted);
  });
  return {
    name: lab.name,
    ...(lab.label ? { label: lab.label } : {}),
    phase: state.phase,
    family: lab.family,
    underlay: lab.underlay,
    underlayNetns: lab.underlayNetns,
    segments: lab.segments.map((s, i) => ({
      bridge: segmentBridge(i),
      subnets: s.subnets.map((x) => cidrText(x.cidr)),
    })),
    clusterCidrs: lab.clusterCidrs.map(cidrText),
    cniBinDir: state.cniBinDir,
    nodes,
    problems: [
      ...(state.phase === "building" ? ["lab: it was never finished"] : []),
      ...viewUnderlay(kernel, lab),
      ...nodes.flatMap((n) => [
        ...n.problems.map((p) => `${n.name}: ${p}`),
        ...n.pods.flatMap((pod) => pod.problems.map((p) => `${pod.name}: ${p}`)),
      ]),
    ],
  };
};
