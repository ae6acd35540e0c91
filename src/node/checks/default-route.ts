/** L2: where packets go that no other route knows. */
import { cidrFamily } from "../../base/cidr.ts";
import type { Link } from "../../net/links.ts";
import type { Route } from "../../net/routes.ts";
import type { Check, Finding } from "../check.ts";
import { ok } from "../finding.ts";
import type { Host } from "../host.ts";
import { carries, defaultRoutes, linkOf, toldNodeIp } from "../reads/uplinks.ts";

const text = (r: Route, link: Link | undefined): string =>
  `default${r.gw ? ` via ${r.gw}` : ""}${link ? ` dev ${link.name}` : ""}`;

const look = (host: Host, route: Route): Finding => {
  const link = linkOf(host, route.link ?? route.nexthops?.[0]?.link);
  const subject = cidrFamily(route.dst) === 4 ? "IPv4" : "IPv6";
  if (!link || carries(link)) return ok(text(route, link), subject);
  const ip = subject === "IPv4" ? "ip" : "ip -6";
  const metric = route.priority ? ` metric ${route.priority}` : "";
  return {
    outcome: "warn",
    subject,
    seen: `${text(route, link)}, and ${link.name} is ${link.up ? "without carrier" : "down"}`,
    want: "a default route by a link that is up, or none",
    fix: {
      command: `${ip} route del ${text(route, link)}${metric}`,
      undo: `${ip} route add ${text(route, link)}${metric}`,
      survivesReboot: false,
    },
  };
};

export const defaultRouteCheck: Check = {
  id: "L2",
  name: "default-route",
  area: "links",
  severity: "warn",
  title: "a default route leads out, or the node is told its address",
  why: "kubeadm, kubelet and network plugins take the node's address from the default route; pods have no way out without one",
  run: (host, { nodeIp }) => {
    const routes = defaultRoutes(host);
    if (routes.length > 0) return routes.map((r) => look(host, r));
    if (nodeIp !== undefined || toldNodeIp(host)) return [ok("none, and the node's address is told by --node-ip")];
    return [
      {
        outcome: "warn",
        seen: "no default route",
        want: "one, or --node-ip for kubelet and podwire",
        fix: { command: "ip route add default via GATEWAY", undo: "ip route del default", survivesReboot: false },
      },
    ];
  },
};
