/** ADD: look, make the links, ask the IPAM plugin, make the rest. A failure takes back all that was made. */
import { cidrFamily } from "../../../base/cidr.ts";
import { FaultError, joinFaults } from "../../../base/fault.ts";
import { waitForDad } from "../../../net/dad.ts";
import type { Kernel } from "../../../net/kernel.ts";
import { findLink } from "../../../net/links.ts";
import { needIpv6 } from "../../attach/ipv6.ts";
import { planPod } from "../../attach/plan-pod.ts";
import { refuseSilentVersion } from "../../attach/refusals.ts";
import { takeBack } from "../../attach/take-back.ts";
import { addMasquerade } from "../../filter/masquerade.ts";
import { Journal } from "../../journal.ts";
import type { Ports } from "../../plugin.ts";
import type { Request, Result } from "../../spec/types.ts";
import { choose } from "./chosen.ts";
import { type BridgeConfig, gatewayLink, wantsVlans } from "./config.ts";
import { guardPort } from "./guard.ts";
import { type Layer3, layer3 } from "./layer3.ts";
import { type Chosen, conflicting, planBridge, planGateway, planPodLink, planPort } from "./plan.ts";
import { readResult } from "./result.ts";
import { type Gateway, hasPorts, readGateway, readState, refuseConflicts, type State } from "./state.ts";
import { noVlans } from "./vlan-support.ts";

type R = Request<BridgeConfig>;
interface Connected {
  readonly state: State;
  readonly chosen: Chosen;
}

/** @throws FaultError, with the host as it was before */
export const add = async (r: R, ports: Ports): Promise<Result> => {
  refuseSilentVersion(r.cniVersion, r.config.ipam);
  const journal = new Journal(ports.kernel);
  const connected = connect(r, ports, journal);
  const { ipam } = r.config;
  try {
    if (ipam !== undefined) return await addLayer3(r, ipam, ports, journal, connected);
    journal.run(planPodLink(r));
    guardPort(ports.kernel, r, connected.chosen, journal);
    return readResult(ports.kernel, r, connected.chosen.hostName);
  } catch (error) {
    throw await takeBack(error, journal, r, ipam, ports.delegate);
  }
};

/** How often a race with other ADDs and DELs on the same bridge is begun again. */
const maxTries = 5;

/** Bridge and veth, before the IPAM plugin is asked: one such as dhcp works through them. */
const connect = (r: R, ports: Ports, journal: Journal): Connected => {
  const c = r.config;
  for (let tries = 1; ; tries++)
    try {
      const state = readState(ports.kernel, r);
      if (state.inUse)
        ports.log(`bridge ${c.bridge} is in use with mtu ${state.bridge?.mtu}, left so; the config has ${c.mtu}`);
      const chosen = choose(ports.clock);
      journal.runShared(planBridge(c, state, chosen), () => hasOthers(ports.kernel, c, chosen));
      journal.run(planPort(r, state, chosen));
      return { state, chosen };
    } catch (error) {
      const failed = journal.takeBack();
      if (failed.length > 0) throw joinFaults([error, ...failed]);
      if (wantsVlans(c) && errnoOf(error) === "EOPNOTSUPP") throw noVlans(error);
      if (tries === maxTries || !isRace(error, c.bridge)) throw error;
    }
};

const errnoOf = (error: unknown): string | undefined =>
  error instanceof FaultError && error.fault.kind === "kernel" ? error.fault.errno : undefined;

/** The name that chance gave is taken, or the bridge went with the failed ADD that had made it. */
const isRace = (error: unknown, bridge: string): boolean =>
  errnoOf(error) === "EEXIST" ||
  (error instanceof FaultError && error.fault.kind === "not-found" && error.fault.what === `link ${bridge}`);

const addLayer3 = async (r: R, ipam: string, ports: Ports, journal: Journal, { state, chosen }: Connected) => {
  const c = r.config;
  const l3 = layer3(c, await ports.delegate.add(ipam, r));
  const { kernel } = ports;
  const there = readGateway(kernel.host, c, state.bridge);
  checkIpv6(kernel, c, ipam, l3, there);
  if (!c.forceAddress) refuseConflicts(gatewayLink(c), conflicting(there.addresses, l3.gateways), l3.gateways);
  journal.run(planPod(r, l3, c.dad ? "detected" : "at once"));
  if (c.dad) waitForDad(kernel.open(r.netns), r.ifname);
  makeGateway(kernel, c, l3, journal, { state, chosen }, there);
  guardPort(kernel, r, chosen, journal);
  if (c.masquerade) {
    const addresses = l3.ips.map((ip) => ip.address);
    journal.add(addMasquerade(kernel, r, addresses));
  }
  return readResult(kernel, r, chosen.hostName, l3);
};

/** Last, and left in place by a failure after it when other pods are on the bridge: they use it by now. */
const makeGateway = (
  kernel: Kernel,
  c: BridgeConfig,
  l3: Layer3,
  journal: Journal,
  { state, chosen }: Connected,
  first: Gateway,
): void => {
  for (let tries = 1, there = first; ; tries++, there = readGateway(kernel.host, c, state.bridge))
    try {
      const steps = planGateway(c, state, there, l3, chosen);
      // An address that gave way has to come back, whoever is there.
      if (conflicting(there.addresses, l3.gateways).length > 0) journal.run(steps);
      else journal.runShared(steps, () => hasOthers(kernel, c, chosen));
      return;
    } catch (error) {
      // Another ADD has made the VLAN's gateway meanwhile.
      if (errnoOf(error) !== "EEXIST" || tries === maxTries) throw error;
    }
};

const hasOthers = (kernel: Kernel, c: BridgeConfig, own: Chosen): boolean => {
  const bridge = findLink(kernel.host, c.bridge);
  return bridge !== undefined && hasPorts(kernel.host, bridge, [own.hostName, own.gatewayPort]);
};

/** A link that this ADD makes has what is set for new ones, and is gone again by the time a person reads this. */
const checkIpv6 = (kernel: Kernel, c: BridgeConfig, ipam: string, l3: Layer3, there: Gateway): void => {
  const gateway = l3.gateways.some((g) => cidrFamily(g) === 6);
  const link = gatewayLink(c);
  needIpv6(kernel, ipam, l3.ips, gateway ? { link, conf: there.link ? link : "default" } : undefined);
};
