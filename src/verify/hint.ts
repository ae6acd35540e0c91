/** What to look at next, for a broken promise: one line that begins where the trouble most likely is. Pure. */

import { family } from "../base/ip.ts";
import type { Endpoint, Finding } from "./types.ts";

/** How a person gets into a namespace. */
const inside = (e: Endpoint | undefined): string => {
  if (!e || e.netns === "") return "";
  if (e.enter !== undefined) return `${e.enter} `;
  const named = e.netns.match(/^(?:\/var)?\/run\/netns\/([^/]+)$/)?.[1];
  return named ? `ip netns exec ${named} ` : `nsenter --net=${e.netns} `;
};

const byErrno: Record<string, (f: Finding, at: string) => string> = {
  ENETUNREACH: (f, at) => `${f.from} has no route there: ${at}ip route get ${f.toIp}`,
  EHOSTUNREACH: (f, at) =>
    `nobody answers for the address, or a route says unreachable: ${at}ip route get ${f.toIp}; ${at}ip neigh`,
  EACCES: (f, at) => `a prohibit route or a firewall forbids it: ${at}ip route get ${f.toIp}; nft list ruleset`,
  EPERM: () => "a firewall of the sender drops it: nft list ruleset (hook output)",
  EINVAL: (f, at) => `a blackhole route swallows it: ${at}ip route get ${f.toIp}`,
  ECONNREFUSED: (f, at) =>
    `something refuses in place of ${f.to}: a reject rule, or another holder of ${f.toIp}: ${at}ip neigh show ${f.toIp}`,
  EMSGSIZE: (_f, at) =>
    `set the pods' MTU to what the path takes (the CNI config's "mtu"), or raise the path's: ${at}ip link`,
  ENOBUFS: () => "the machine's neighbour table may be full: sysctl net.ipv4.neigh.default.gc_thresh3",
};

const silent = (f: Finding, at: string, toNode: string): string => {
  if (f.sameNode)
    return `follow it: ${at}ip route get ${f.toIp}; on ${toNode}: is the bridge up, are both veths in it, does a rule drop? bridge link; nft list ruleset`;
  const forwarding = family(f.toIp) === 4 ? "net.ipv4.ip_forward" : "net.ipv6.conf.all.forwarding";
  return `follow it: ${at}ip route get ${f.toIp}; on both nodes sysctl ${forwarding}, ip route, nft list ruleset (hook forward)`;
};

/** Not the sender but a router refuses: it is there that the route is missing. */
const noRouteOnTheWay = (endpoints: readonly Endpoint[], f: Finding, router: string): string => {
  const known = endpoints.find((e) => e.ips.some((ip) => ip === router));
  return known
    ? `${known.name} has no route there: ${inside(known)}ip route get ${f.toIp}`
    : `the router ${router} has no route there: on it, ip route get ${f.toIp}`;
};

export const hintFor = (endpoints: readonly Endpoint[], f: Finding): string => {
  const from = endpoints.find((e) => e.name === f.from);
  const to = endpoints.find((e) => e.name === f.to);
  const error = f.error ?? "";
  if (f.promise === "unique-address")
    return `ask both for their addresses: ${inside(from)}ip addr; ${f.to === f.from ? "is the address in the list the right one?" : `${inside(to)}ip addr`}`;
  if (f.promise === "no-nat")
    return "a masquerade or SNAT rule takes pod traffic too: exclude the pod network from it: nft list ruleset, iptables -t nat -S";
  if (f.promise === "full-mtu" && error.startsWith("ENOBUFS"))
    return `the other end of the pod's veth has a smaller MTU than the pod's own: ${inside(from)}ip link, and ip link on ${from?.node ?? "its node"}`;
  const errno = error.match(/^E[A-Z0-9]+/)?.[0] ?? "";
  const said = error.match(/^ENETUNREACH, says ([^ ]+)$/)?.[1];
  if (said) return noRouteOnTheWay(endpoints, f, said);
  const known = byErrno[errno];
  if (known) return known(f, inside(from));
  if (error.includes("in place of"))
    return `two hold ${f.toIp}, or a DNAT rule leads elsewhere: ${inside(from)}ip neigh show ${f.toIp}; nft list ruleset`;
  if (error.includes("black hole"))
    return "a link on the way is smaller than the pod's and its ICMP answer is lost or never sent: compare mtu in ip link on every hop";
  if (error.includes("did not come back"))
    return `the way there works, the way back does not: ${inside(to)}ip route get ${f.fromIp}${to?.kind === "pod" ? `, then the routes of ${to.node}` : ""}`;
  return silent(f, inside(from), to?.node ?? "the node");
};
