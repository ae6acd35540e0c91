/** CHECK: every object that ADD made is still there and as it was; each difference is named, all of them at once. */
import { type Cidr, cidrFamily, cidrText, sameCidr } from "../../../base/cidr.ts";
import { joinFaults } from "../../../base/fault.ts";
import { parseMac } from "../../../base/mac.ts";
import { IFF } from "../../../kernel/codec/route/link.ts";
import { listAddresses } from "../../../net/addresses.ts";
import { listVlans } from "../../../net/bridge-vlans.ts";
import type { Kernel } from "../../../net/kernel.ts";
import { findLink, type Link } from "../../../net/links.ts";
import { checkPod, interfaceThat, partOf, podInterface } from "../../attach/check-pod.ts";
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
  const ours = ownInterfaces(r, prev);
  const links = checkLinks(kernel, r, ours, found);
  if (links.pod) checkPod(kernel, r, ours.own, links.pod, found);
  if (links.host && wantsVlans(r.config)) checkVlans(r.config, links.host, listVlans(kernel.host), found);
  const { host, pod } = ours;
  if (r.config.macSpoofCheck && pod.mac) checkMacSpoof(kernel, r, { port: host.name, mac: parseMac(pod.mac) }, found);
  if (r.config.masquerade)
    checkMasquerade(
      kernel,
      r,
      ours.own.ips.map((ip) => ip.address),
      found,
    );
  if (r.config.ipam !== undefined) {
    checkGateway(kernel, r.config, ours.own, found);
    await delegate.check(r.config.ipam, r).catch((error: unknown) => found.errors.push(error));
  }
  if (found.errors.length > 0) throw joinFaults(found.errors);
};

interface Ours {
  readonly bridge: ResultInterface;
  readonly host: ResultInterface;
  readonly pod: ResultInterface;
  /** The part of prevResult that is about the pod's interface. */
  readonly own: Result;
}

/** Our three interfaces in a result to which later plugins may have added theirs. */
const ownInterfaces = (r: R, prev: Result): Ours => {
  const bridge = interfaceThat(prev, `bridge ${r.config.bridge}`, (x) => !x.sandbox && x.name === r.config.bridge);
  const pod = podInterface(prev, r);
  const host = interfaceThat(prev, "host's end of the veth", (x) => !x.sandbox && x.name.startsWith("veth"));
  return { bridge, host, pod, own: partOf(prev, pod) };
};

const checkLinks = (kernel: Kernel, r: R, ours: Ours, found: Findings): { pod?: Link; host?: Link } => {
  const c = r.config;
  const bridge = findLink(kernel.host, c.bridge);
  const host = findLink(kernel.host, ours.host.name);
  const pod = findLink(kernel.open(r.netns), r.ifname);
  if (!bridge) found.gone(`bridge ${c.bridge}`);
  else {
    found.same(`kind of ${c.bridge}`, bridge.kind ?? "a plain device", "bridge");
    found.same(`MAC of bridge ${c.bridge}`, bridge.mac, ours.bridge.mac);
    found.up(bridge);
    if (c.promisc) found.same(`promisc of ${c.bridge}`, (bridge.flags & IFF.promisc) !== 0, true);
  }
  if (!host) found.gone(`host's end ${ours.host.name}`);
  else {
    found.same(`MAC of ${host.name}`, host.mac, ours.host.mac);
    found.up(host);
    if (bridge && host.master !== bridge.index)
      found.differs(
        `master of ${host.name}`,
        host.master === undefined ? "none" : `link ${host.master}`,
        c.bridge,
        `ip link set dev ${host.name} master ${c.bridge}`,
      );
    if (host.master !== undefined) checkPort(c, host, found);
    if (c.mtu) found.same(`mtu of ${host.name}`, host.mtu, c.mtu);
  }
  if (!pod) found.gone(`${r.ifname} in ${r.netns}`);
  else {
    found.same(`MAC of ${r.ifname} in the pod`, pod.mac, ours.pod.mac);
    found.same(`mtu of ${r.ifname} in the pod`, pod.mtu, ours.pod.mtu ?? c.mtu);
    if (c.containerUp) found.up(pod);
    if (host && (pod.peer !== host.index || host.peer !== pod.index))
      found.differs(`other end of ${r.ifname}`, `link ${pod.peer ?? "none"}`, host.name);
  }
  return { ...(pod && { pod }), ...(host && { host }) };
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
  found.up(link);
  if (c.vlan !== undefined) checkGatewayVlan(c.vlan, link, listVlans(kernel.host), found);
  const there = listAddresses(kernel.host, link.index).map((a) => a.address);
  for (const g of gateways)
    if (!there.some((a) => sameCidr(a, g)))
      found.gone(`gateway address ${cidrText(g)} on ${name}`, `ip address add ${cidrText(g)} dev ${name}`);
  for (const family of new Set(gateways.map(cidrFamily))) {
    const sysctl = family === 4 ? "net/ipv4/ip_forward" : "net/ipv6/conf/all/forwarding";
    const seen = kernel.host.readSysctl(sysctl);
    if (seen !== "1") found.differs(sysctl, seen ?? "missing", "1", `sysctl -w ${sysctl}=1`);
  }
};
