/** ADD's result: the links as the kernel now has them. */
import type { Kernel, Netns } from "../../../net/kernel.ts";
import { needLinkFace } from "../../../net/links.ts";
import { hasDns } from "../../spec/dns.ts";
import type { Dns, Request, Result, ResultInterface } from "../../spec/types.ts";
import { type BridgeConfig, gatewayLink } from "./config.ts";
import type { Layer3 } from "./layer3.ts";

/** Interfaces in the reference's order: bridge, host's end, pod's end, VLAN gateway. */
export const readResult = (kernel: Kernel, r: Request<BridgeConfig>, hostName: string, l3?: Layer3): Result => {
  const c = r.config;
  const look = (ns: Netns, name: string): ResultInterface => needLinkFace(ns, name);
  const pod = kernel.open(r.netns);
  const host = look(kernel.host, hostName);
  const interfaces = [look(kernel.host, c.bridge), host, { ...look(pod, r.ifname), sandbox: r.netns }];
  if (c.vlan !== undefined && l3 && l3.gateways.length > 0) interfaces.push(look(kernel.host, gatewayLink(c)));
  return { interfaces, ips: l3?.ips ?? [], routes: l3?.routes ?? [], dns: chooseDns(c.dns, l3?.dns ?? {}) };
};

/** The config's as soon as it says anything, even an empty list. */
const chooseDns = (own: Dns, given: Dns): Dns => (hasDns(own) ? own : given);
