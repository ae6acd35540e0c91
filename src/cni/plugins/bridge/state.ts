/** What is there before ADD, read from the kernel once, and refused when ADD cannot go on from it. */
import { type Cidr, cidrText } from "../../../base/cidr.ts";
import { FaultError } from "../../../base/fault.ts";
import { isLinkLocal6 } from "../../../base/ip.ts";
import { type Address, listAddresses } from "../../../net/addresses.ts";
import type { Kernel, Netns } from "../../../net/kernel.ts";
import { findLink, findLinkByIndex, type Link, listLinks } from "../../../net/links.ts";
import { refuseTaken } from "../../attach/refusals.ts";
import type { Request } from "../../spec/types.ts";
import { type BridgeConfig, gatewayLink, wantsVlans } from "./config.ts";
import { needsVlanFiltering } from "./vlan-support.ts";

export interface State {
  readonly bridge?: Link;
  /** True when the bridge has ports. Read only when its MTU is not the one wanted. */
  readonly inUse: boolean;
}

/** Where the gateway addresses stand, or are to stand. */
export interface Gateway {
  /** The bridge, or its VLAN's veth. */
  readonly link?: Link;
  /** The veth's other end, when the veth is there and was never finished: an ADD was killed while it made it. */
  readonly unfinishedPort?: string;
  /** Addresses of `link`, link-local ones left out. */
  readonly addresses: readonly Cidr[];
}

/** @throws FaultError exists, bad-netns, unavailable, differs */
export const readState = (kernel: Kernel, r: Request<BridgeConfig>): State => {
  const c = r.config;
  refuseTaken(kernel.open(r.netns), r.ifname);
  const bridge = findBridge(kernel.host, c.bridge);
  if (bridge && wantsVlans(c)) needsVlanFiltering(bridge);
  return {
    ...(bridge && { bridge }),
    inUse: bridge !== undefined && c.mtu !== undefined && bridge.mtu !== c.mtu && hasPorts(kernel.host, bridge),
  };
};

export const globalAddresses = (all: readonly Address[]): Cidr[] =>
  all.map((a) => a.address).filter((a) => !isLinkLocal6(a.ip));

/**
 * Read when the pod's port is in the bridge: a failing ADD beside us then sees that port, and leaves the gateway be.
 * `bridge` is the one that was there before.
 */
export const readGateway = (host: Netns, c: BridgeConfig, bridge: Link | undefined): Gateway => {
  if (!c.isGateway) return { addresses: [] };
  const link = c.vlan === undefined ? bridge : findLink(host, gatewayLink(c));
  if (!link) return { addresses: [] };
  // Going up is the last thing that happens to it.
  const other =
    c.vlan !== undefined && !link.up && link.kind === "veth" && link.peer !== undefined
      ? findLinkByIndex(host, link.peer)
      : undefined;
  return {
    link,
    ...(other && { unfinishedPort: other.name }),
    addresses: globalAddresses(listAddresses(host, link.index)),
  };
};

/** True when the bridge has a port besides those named. */
export const hasPorts = (ns: Netns, bridge: Link, besides: readonly string[] = []): boolean =>
  listLinks(ns).some((l) => l.master === bridge.index && !besides.includes(l.name));

/** The bridge of that name; undefined when there is none. @throws FaultError exists when it is something else */
export const findBridge = (ns: Netns, name: string): Link | undefined => {
  const found = findLink(ns, name);
  if (!found || found.kind === "bridge") return found;
  throw new FaultError({
    kind: "exists",
    what: `bridge ${name}`,
    why: `a link of that name is there and is ${found.kind ? `a ${found.kind}` : "a plain device"}, not a bridge`,
    fix: `choose another name as "bridge", or: ip link del dev ${name}`,
  });
};

/** @throws FaultError differs when the gateway link has an address that cannot stand beside the wanted ones */
export const refuseConflicts = (link: string, conflicts: readonly Cidr[], wanted: readonly Cidr[]): void => {
  const [first] = conflicts;
  if (!first) return;
  throw new FaultError({
    kind: "differs",
    what: `address of ${link}`,
    seen: conflicts.map(cidrText).join(", "),
    want: wanted.map(cidrText).join(", "),
    fix: `ip address del ${cidrText(first)} dev ${link}, or set "forceAddress": true`,
  });
};
