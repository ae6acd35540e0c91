/** ADD: look, make the veth, ask the IPAM plugin, make the rest. A failure takes back all that was made. */
import { cidrFamily, cidrText, hostCidr, sameCidr } from "../../../base/cidr.ts";
import { FaultError, joinFaults } from "../../../base/fault.ts";
import { routeTables } from "../../../kernel/codec/route/route.ts";
import type { Kernel } from "../../../net/kernel.ts";
import { findLinkByIndex, listLinks } from "../../../net/links.ts";
import { render } from "../../../net/plan/render.ts";
import { listRoutes } from "../../../net/routes.ts";
import { ownMac, vethName } from "../../attach/chance.ts";
import { needIpv6 } from "../../attach/ipv6.ts";
import { chooseDns, layer3On } from "../../attach/layer3.ts";
import { planVeth } from "../../attach/plan-veth.ts";
import { refuseTaken } from "../../attach/refusals.ts";
import { tellLink } from "../../attach/result.ts";
import { takeBack } from "../../attach/take-back.ts";
import { addMasquerade } from "../../filter/masquerade.ts";
import { Journal } from "../../journal.ts";
import { isMark } from "../../mark.ts";
import type { Ports } from "../../plugin.ts";
import type { Request, Result } from "../../spec/types.ts";
import type { PtpConfig } from "./parse.ts";
import { type Pair, pairsOf, planForwardingLink, planHost, planPointPod, planRouter } from "./plan.ts";

type R = Request<PtpConfig>;

/** @throws FaultError, with the host as it was before */
export const add = async (r: R, ports: Ports): Promise<Result> => {
  const journal = new Journal(ports.kernel);
  const hostName = connect(r, ports, journal);
  try {
    return await addLayer3(r, ports, journal, hostName);
  } catch (error) {
    throw await takeBack(error, journal, r, r.config.ipam, ports.delegate);
  }
};

/** How often another name is tried for the host's end. */
const maxTries = 5;

/** The veth, before the IPAM plugin is asked. Gives the name of the host's end. */
const connect = (r: R, { kernel, clock }: Ports, journal: Journal): string => {
  for (let tries = 1; ; tries++) {
    refuseTaken(kernel.open(r.netns), r.ifname);
    const chance = clock.random(16);
    const hostName = vethName(chance);
    const [hostMac, podMac] = [ownMac(chance.subarray(4)), ownMac(chance.subarray(10))];
    try {
      journal.run(planVeth(r, { hostName, hostMac, podMac, mtu: r.config.mtu }));
      return hostName;
    } catch (error) {
      const failed = journal.takeBack();
      if (failed.length > 0) throw joinFaults([error, ...failed]);
      if (tries === maxTries || !isTaken(error)) throw error;
    }
  }
};

const isTaken = (error: unknown): boolean =>
  error instanceof FaultError && error.fault.kind === "kernel" && error.fault.errno === "EEXIST";

const addLayer3 = async (r: R, { kernel, delegate }: Ports, journal: Journal, hostName: string): Promise<Result> => {
  const { ipam, masquerade, dns } = r.config;
  const l3 = layer3On(1, ipam, await delegate.add(ipam, r));
  const pairs = pairsOf(l3.ips, "ipam");
  // Of this link, which is gone again by the time a person reads it, nothing can be mended.
  needIpv6(kernel, ipam, l3.ips, { link: hostName, conf: "default" });
  journal.run(planPointPod(r, l3, pairs));
  journal.runShared(planRouter(pairs), () => hasOthers(kernel, hostName));
  try {
    journal.run([...planForwardingLink(hostName, pairs), ...planHost(hostName, pairs)]);
  } catch (error) {
    throw (isTaken(error) && takenRoute(kernel, pairs)) || error;
  }
  if (masquerade) {
    const addresses = l3.ips.map((ip) => ip.address);
    journal.add(addMasquerade(kernel, r, addresses));
  }
  const interfaces = [tellLink(kernel.host, hostName), tellLink(kernel.open(r.netns), r.ifname, r.netns)];
  return { interfaces, ips: l3.ips, routes: l3.routes, dns: chooseDns(dns, l3.dns) };
};

/** Attachments besides this one, which need the host's forwarding by now. */
const hasOthers = (kernel: Kernel, hostName: string): boolean =>
  listLinks(kernel.host).some((l) => l.name !== hostName && isMark(l.alias));

/** Passing over a route that leads elsewhere would leave the pod without answers. */
const takenRoute = (kernel: Kernel, pairs: readonly Pair[]): FaultError | undefined => {
  const own = pairs.map((p) => hostCidr(p.address.ip));
  const there = listRoutes(kernel.host, routeTables.main).find((x) => own.some((dst) => sameCidr(dst, x.dst)));
  if (!there) return undefined;
  const link = there.link === undefined ? undefined : findLinkByIndex(kernel.host, there.link)?.name;
  const { dst, protocol, scope } = there;
  const route = { dst, protocol, ...(cidrFamily(dst) === 4 && { scope }), ...(link !== undefined && { link }) };
  return new FaultError({
    kind: "exists",
    what: `route to ${cidrText(dst)} on this host`,
    why: `leads to ${link ?? "nowhere"} already, and the IPAM plugin gave that address to this pod`,
    fix: render({ do: "route.del", in: "", route }),
  });
};
