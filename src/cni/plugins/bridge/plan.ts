/** What ADD does, as steps: the bridge, the pod's veth, the pod's addresses and routes, the gateway. Pure. */
import { type Cidr, cidrFamily, overlaps, sameCidr } from "../../../base/cidr.ts";
import type { Mac } from "../../../base/mac.ts";
import { IFF } from "../../../kernel/codec/route/link.ts";
import type { LinkChange } from "../../../net/links.ts";
import type { Step } from "../../../net/plan/step.ts";
import { planForwarding } from "../../attach/forwarding.ts";
import { noAdvertisements, noDetection, planVeth } from "../../attach/plan-veth.ts";
import { gatewayMark } from "../../mark.ts";
import type { Request } from "../../spec/types.ts";
import { type BridgeConfig, gatewayLink, wantsVlans } from "./config.ts";
import type { Layer3 } from "./layer3.ts";
import type { Gateway, State } from "./state.ts";
import { defaultPvid } from "./vlan-support.ts";

/** What chance decides: given in, so that the plan is the same for the same input. */
export interface Chosen {
  /** Name of the host's end of the veth. */
  readonly hostName: string;
  readonly hostMac: Mac;
  readonly podMac: Mac;
  /** For the bridge, if it is made now. */
  readonly bridgeMac: Mac;
  /** For a VLAN gateway's two ends, if they are made now. */
  readonly gatewayPort: string;
  readonly gatewayMac: Mac;
  readonly gatewayPortMac: Mac;
}

/** Makes the bridge, or brings one that is there to what the config wants where that is safe. */
export const planBridge = (c: BridgeConfig, state: State, chosen: Chosen): Step[] => {
  const name = c.bridge;
  if (!state.bridge) {
    const data = wantsVlans(c) ? { data: { vlanFiltering: 1 } } : {};
    // A MAC given at birth stays: else the bridge would take its lowest port's, and change with the pods.
    const link = {
      name,
      info: { kind: "bridge" as const, ...data },
      mac: chosen.bridgeMac,
      ...(c.mtu && { mtu: c.mtu }),
    };
    const up = { up: true, ...(c.promisc && { promisc: true }) };
    return [
      { do: "link.add", in: "", link, orExists: true },
      noAdvertisements(name, true),
      // For the gateway's neighbours, whose addresses the IPAM plugin has not given yet.
      ...(c.isGateway && c.vlan === undefined && !c.dad ? [noDetection(name)] : []),
      { do: "link.set", in: "", name, set: up, fresh: true },
    ];
  }
  const set: LinkChange = {
    ...(!state.bridge.up && { up: true }),
    ...(c.promisc && !(state.bridge.flags & IFF.promisc) && { promisc: true }),
    ...(c.mtu && c.mtu !== state.bridge.mtu && !state.inUse && { mtu: c.mtu }),
  };
  const steps: Step[] = [noAdvertisements(name, false)];
  return Object.keys(set).length > 0 ? [...steps, { do: "link.set", in: "", name, set }] : steps;
};

/** The veth: born with its other end in the pod, marked, joined to the bridge, its port set. */
export const planPort = (r: Request<BridgeConfig>, state: State, chosen: Chosen): Step[] => {
  const c = r.config;
  const name = chosen.hostName;
  const { hostMac } = chosen;
  const podMac = c.mac ?? chosen.podMac;
  const flags = { ...(c.hairpin && { hairpin: true }), ...(c.isolated && { isolated: true }) };
  return [
    ...planVeth(r, { hostName: name, hostMac, podMac, mtu: c.mtu, master: c.bridge }),
    ...(c.hairpin || c.isolated ? [{ do: "port.set", in: "", name, set: flags, fresh: true } as const] : []),
    ...portVlans(c, name, state),
  ];
};

const portVlans = (c: BridgeConfig, link: string, state: State): Step[] => {
  if (!wantsVlans(c)) return [];
  const vid = defaultPvid(state.bridge);
  const add = (vlan: Step<"vlan.add">["vlan"]): Step => ({ do: "vlan.add", in: "", vlan });
  const steps: Step[] = [];
  // Else every pod could reach VLAN 1 besides its own.
  if (!c.keepDefaultVlan && vid !== 0 && vid !== c.vlan)
    steps.push({ do: "vlan.del", in: "", vlan: { link, vid }, orGone: true });
  if (c.vlan !== undefined) steps.push(add({ link, vid: c.vlan, pvid: true, untagged: true }));
  for (const { first, last } of c.trunk.flatMap((range) => without(range, c.vlan)))
    steps.push(add(first === last ? { link, vid: first } : { link, vid: first, end: last }));
  return steps;
};

/** The access VLAN stays untagged when the trunk has it too. */
const without = ({ first, last }: BridgeConfig["trunk"][number], vid: number | undefined) =>
  vid === undefined || vid < first || vid > last
    ? [{ first, last }]
    : [
        { first, last: vid - 1 },
        { first: vid + 1, last },
      ].filter((x) => x.first <= x.last);

/** Layer 2 only: the pod's end goes up, unless it is to stay down. */
export const planPodLink = (r: Request<BridgeConfig>): Step[] =>
  r.config.containerUp ? [{ do: "link.set", in: r.netns, name: r.ifname, set: { up: true }, fresh: true }] : [];

/** Gateway addresses that are in the way of the wanted ones: any other of IPv4, overlapping ones of IPv6. */
export const conflicting = (there: readonly Cidr[], wanted: readonly Cidr[]): Cidr[] =>
  there.filter((a) => {
    if (wanted.some((w) => sameCidr(w, a))) return false;
    return wanted.some((w) => cidrFamily(w) === cidrFamily(a) && (cidrFamily(a) === 4 || overlaps(w, a)));
  });

/** This host as the pod's gateway: forwarding, and the addresses; last, since other pods come to rely on them. */
export const planGateway = (c: BridgeConfig, state: State, there: Gateway, l3: Layer3, chosen: Chosen): Step[] => {
  if (l3.gateways.length === 0) return [];
  const link = gatewayLink(c);
  const missing = l3.gateways.filter((g) => !there.addresses.some((a) => sameCidr(a, g)));
  const pin = there.link && missing.length > 0 ? [pinMac(link, there.link.mac, chosen)] : [];
  return [
    ...vlanGateway(c, state, there, chosen),
    ...planForwarding(new Set(l3.gateways.map(cidrFamily))),
    ...conflicting(there.addresses, l3.gateways).map(
      (address): Step => ({ do: "address.del", in: "", address: { link, address } }),
    ),
    ...pin,
    ...missing.map(
      (address): Step => ({
        do: "address.add",
        in: "",
        address: { link, address, ...(cidrFamily(address) === 6 && { nodad: true }) },
        orExists: true,
      }),
    ),
  ];
};

/** Setting the MAC that it has keeps a bridge made by someone else from changing it with its ports. */
const pinMac = (name: string, has: Mac | undefined, chosen: Chosen): Step => {
  // A bridge whose last port has left has none.
  const mac = has === undefined || /^[0:]*$/.test(has) ? chosen.bridgeMac : has;
  return { do: "link.set", in: "", name, set: { mac }, fresh: true };
};

/** A VLAN's gateway is a veth whose other end is a port in that VLAN: made, or finished, or there. */
const vlanGateway = (c: BridgeConfig, state: State, there: Gateway, chosen: Chosen): Step[] => {
  if (c.vlan === undefined || (there.link && there.unfinishedPort === undefined)) return [];
  const name = gatewayLink(c);
  const port = there.unfinishedPort ?? chosen.gatewayPort;
  const mtu = c.mtu ? { mtu: c.mtu } : {};
  const alias = gatewayMark(name);
  const peer = { name, mac: chosen.gatewayMac, ...mtu };
  const link = { name: port, info: { kind: "veth" as const }, mac: chosen.gatewayPortMac, ...mtu, peer };
  return [
    ...(there.link ? [] : [{ do: "link.add", in: "", link } as const]),
    noAdvertisements(port, true),
    noAdvertisements(name, true),
    ...(c.dad ? [] : [noDetection(name)]),
    { do: "link.set", in: "", name: port, set: { alias, master: c.bridge, up: true }, fresh: true },
    ...portVlans({ ...c, trunk: [] }, port, state),
    // Last: by its being up another ADD knows that the rest is done.
    { do: "link.set", in: "", name, set: { alias, up: true }, fresh: true },
  ];
};
