/** ADD's result: the links as the kernel now has them. */
import { FaultError } from "../../../base/fault.ts";
import type { Kernel, Netns } from "../../../net/kernel.ts";
import { type LinkFace, needLinkFace } from "../../../net/links.ts";
import { chooseDns } from "../../attach/layer3.ts";
import type { Request, Result, ResultInterface } from "../../spec/types.ts";
import { type BridgeConfig, gatewayLink } from "./config.ts";
import type { Layer3 } from "./layer3.ts";

/** Interfaces in the reference's order: bridge, host's end, pod's end, VLAN gateway. @throws FaultError not-found, busy */
export const readResult = (kernel: Kernel, r: Request<BridgeConfig>, hostName: string, l3?: Layer3): Result => {
  const c = r.config;
  const look = (ns: Netns, name: string): ResultInterface => interfaceOf(needLinkFace(ns, name));
  const pod = kernel.open(r.netns);
  const bridge = needLinkFace(kernel.host, c.bridge);
  const host = needLinkFace(kernel.host, hostName);
  if (host.master !== bridge.index)
    throw new FaultError({
      kind: "busy",
      what: `bridge ${c.bridge}`,
      why: `it was deleted and made anew meanwhile, and ${hostName} is not its port; try again`,
    });
  const interfaces = [interfaceOf(bridge), interfaceOf(host), { ...look(pod, r.ifname), sandbox: r.netns }];
  if (c.vlan !== undefined && l3 && l3.gateways.length > 0) interfaces.push(look(kernel.host, gatewayLink(c)));
  return { interfaces, ips: l3?.ips ?? [], routes: l3?.routes ?? [], dns: chooseDns(c.dns, l3?.dns ?? {}) };
};

const interfaceOf = ({ name, mtu, mac }: LinkFace): ResultInterface => ({ name, mtu, ...(mac && { mac }) });
