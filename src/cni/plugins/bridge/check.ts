/** CHECK: every object that ADD made is still there and as it was; each difference is named, all of them at once. */
import { type Cidr, cidrFamily, cidrText, sameCidr } from "../../../base/cidr.ts";
import { joinFaults } from "../../../base/fault.ts";
import { parseMac } from "../../../base/mac.ts";
import { IFF } from "../../../kernel/codec/route/link.ts";
import { listAddresses } from "../../../net/addresses.ts";
import { listVlans } from "../../../net/bridge-vlans.ts";
import type { Kernel } from "../../../net/kernel.ts";
import { findLink, type Link } from "../../../net/links.ts";
import { checkPod, interfaceThat } from "../../attach/check-pod.ts";
import { checkSteps } from "../../attach/check-steps.ts";
import { checkVeth, toldVeth } from "../../attach/check-veth.ts";
import { planForwarding } from "../../attach/forwarding.ts";
import { needPrevResult } from "../../attach/refusals.ts";
import { checkMacSpoof } from "../../filter/mac-spoof.ts";
import { checkMasquerade } from "../../filter/masquerade.ts";
import { Findings } from "../../findings.ts";
import type { Ports } from "../../plugin.ts";
import type { Request, Result, ResultInterface } from "../../spec/types.ts";
import { checkGatewayVlan, checkVlans } from "./check-vlans.ts";
import { type BridgeConfig, gatewayLink, wantsVlans } from "./config.ts";

type R = Request<BridgeConfig>;

/** @throws FaultError differs, not-found, bad-config */
export const check = async (r: R, { kernel, delegate }: Ports): Promise<void> => {
  const prev = needPrevResult(r);
  const found = new Findings();
  const c = r.config;
  const told = toldVeth(prev, r);
  const { host, pod, own } = told;
  const bridge = checkBridge(kernel, c, toldBridge(prev, c), found);
  const links = checkVeth(kernel, r, told, { mtu: c.mtu, podUp: c.containerUp }, found);
  if (links.host && bridge) checkMaster(c, links.host, bridge, found);
  if (links.host?.master !== undefined) checkPort(c, links.host, found);
  if (links.pod) checkPod(kernel, r, own, links.pod, found);
  if (links.host && wantsVlans(c)) checkVlans(c, links.host, listVlans(kernel.host), found);
  if (c.macSpoofCheck && pod.mac) checkMacSpoof(kernel, r, { port: host.name, mac: parseMac(pod.mac) }, found);
  if (c.masquerade)
    checkMasquerade(
      kernel,
      r,
      own.ips.map((ip) => ip.address),
      found,
    );
  if (c.ipam !== undefined) {
    checkGateway(kernel, c, own, found);
    await delegate.check(c.ipam, r).catch((error: unknown) => found.errors.push(error));
  }
  if (found.errors.length > 0) throw joinFaults(found.errors);
};

/** The bridge's own interface in a result to which later plugins may have added theirs. */
const toldBridge = (prev: Result, { bridge }: BridgeConfig): ResultInterface =>
  interfaceThat(prev, `bridge ${bridge}`, (x) => !x.sandbox && x.name === bridge);

const checkBridge = (kernel: Kernel, c: BridgeConfig, told: ResultInterface, found: Findings): Link | undefined => {
  const bridge = findLink(kernel.host, c.bridge);
  if (!bridge) {
    found.gone(`bridge ${c.bridge}`);
    return undefined;
  }
  found.same(`kind of ${c.bridge}`, bridge.kind ?? "a plain device", "bridge");
  found.same(`MAC of bridge ${c.bridge}`, bridge.mac, told.mac);
  found.up(bridge, "");
  if (c.promisc) found.same(`promisc of ${c.bridge}`, (bridge.flags & IFF.promisc) !== 0, true);
  return bridge;
};

const checkMaster = (c: BridgeConfig, host: Link, bridge: Link, found: Findings): void => {
  if (host.master !== bridge.index)
    found.differs(
      `master of ${host.name}`,
      host.master === undefined ? "none" : `link ${host.master}`,
      c.bridge,
      `ip link set dev ${host.name} master ${c.bridge}`,
    );
};

const checkPort = (c: BridgeConfig, host: Link, found: Findings): void => {
  const port = host.info?.port;
  const fix = (word: string, on: boolean): string => `bridge link set dev ${host.name} ${word} ${on ? "on" : "off"}`;
  for (const [word, seen, want] of [
    ["hairpin", port?.hairpin === 1, c.hairpin],
    ["isolated", port?.isolated === 1, c.isolated],
  ] as const)
    if (seen !== want) found.differs(`${word} of ${host.name}`, onOff(seen), onOff(want), fix(word, want));
};
const onOff = (on: boolean): string => (on ? "on" : "off");

const checkGateway = (kernel: Kernel, c: BridgeConfig, own: Result, found: Findings): void => {
  const gateways: Cidr[] = c.isGateway
    ? own.ips.flatMap((ip) => (ip.gateway ? [{ ip: ip.gateway, prefix: ip.address.prefix }] : []))
    : [];
  if (gateways.length === 0) return;
  const name = gatewayLink(c);
  const link = findLink(kernel.host, name);
  if (!link) {
    found.gone(`gateway ${name}`);
    return;
  }
  found.up(link, "");
  if (c.vlan !== undefined) checkGatewayVlan(c.vlan, link, listVlans(kernel.host), found);
  const there = listAddresses(kernel.host, link.index).map((a) => a.address);
  for (const g of gateways)
    if (!there.some((a) => sameCidr(a, g)))
      found.gone(`gateway address ${cidrText(g)} on ${name}`, `ip address add ${cidrText(g)} dev ${name}`);
  checkSteps(kernel.host, name, planForwarding(new Set(gateways.map(cidrFamily))), found);
};
