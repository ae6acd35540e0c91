/** ADD: the link, born in the pod, then its addresses and routes. A failure takes back all that was made. */
import { cidrFamily } from "../../../base/cidr.ts";
import { FaultError } from "../../../base/fault.ts";
import { badConfig } from "../../../base/json-read.ts";
import { applyEach } from "../../../net/apply.ts";
import { waitForDad } from "../../../net/dad.ts";
import type { Kernel } from "../../../net/kernel.ts";
import { findLink } from "../../../net/links.ts";
import type { Step } from "../../../net/plan/step.ts";
import { Journal } from "../../journal.ts";
import { markOf, passingName } from "../../mark.ts";
import type { Ports } from "../../plugin.ts";
import type { Request, Result } from "../../spec/types.ts";
import { needIpv6 } from "../ipv6.ts";
import { chooseDns, layer3On } from "../layer3.ts";
import { planPod } from "../plan-pod.ts";
import { refuseSilentVersion, refuseTaken } from "../refusals.ts";
import { tellLink } from "../result.ts";
import { takeBack } from "../take-back.ts";
import type { ChildConfig } from "./config.ts";
import { type Master, needMaster } from "./master.ts";

type R = Request<ChildConfig>;

/** @throws FaultError, with host and pod as they were before */
export const add = async (r: R, ports: Ports): Promise<Result> => {
  const { kernel, delegate } = ports;
  const { ipam, dns } = r.config;
  const before = ipam === undefined ? addressesBefore(r) : undefined;
  if (!before) refuseSilentVersion(r.cniVersion, ipam);
  const journal = new Journal(kernel);
  await makeLink(kernel, r, journal);
  try {
    const given = ipam === undefined ? before : await delegate.add(ipam, r);
    if (!given) journal.run([goUp(r)]);
    const l3 = given && layer3On(0, ipam ?? "before", given);
    if (l3) {
      needIpv6(kernel, ipam ?? "of the chain", l3.ips);
      const told = r.config.below !== undefined;
      journal.run(planPod(r, l3, told ? "told" : "at once"));
      if (told && l3.ips.some((ip) => cidrFamily(ip.address) === 6)) waitForDad(kernel.open(r.netns), r.ifname);
    }
    const interfaces = [tellLink(kernel.open(r.netns), r.ifname, r.netns)];
    return { interfaces, ips: l3?.ips ?? [], routes: l3?.routes ?? [], dns: chooseDns(dns, l3?.dns ?? {}) };
  } catch (error) {
    throw await takeBack(error, journal, r, ipam, delegate);
  }
};

/** What a plugin before a chained one has found for it. @throws FaultError bad-config when there is nothing */
const addressesBefore = (r: R): Result | undefined => {
  if (!r.config.chained) return undefined;
  if (r.prevResult && r.prevResult.ips.length > 0) return r.prevResult;
  throw badConfig("ipam.type", "expected an IPAM plugin such as host-local, or addresses in prevResult, got neither");
};

const goUp = (r: R): Step => ({ do: "link.set", in: r.netns, name: r.ifname, set: { up: true }, fresh: true });

const makeLink = async (kernel: Kernel, r: R, journal: Journal): Promise<void> => {
  refuseTaken(kernel.open(r.netns), r.ifname);
  const master = needMaster(kernel, r);
  try {
    bear(kernel, r, journal, master);
  } catch (error) {
    throw (await import("./refused.ts")).refused(error, kernel, r, master);
  }
};

const bear = (kernel: Kernel, r: R, journal: Journal, master: Master | undefined): void => {
  try {
    journal.run([planLink(r, master)]);
  } catch (error) {
    if (!looksIntoHost(kernel, r, master, error)) throw error;
    const name = passingName(r);
    const named: Step = { do: "link.set", in: r.netns, name, set: { name: r.ifname }, fresh: true };
    journal.run([planLink(r, master, name), named]);
    // The way back of what made it looks for it under the name that it no longer has.
    const gone: Step = { do: "link.del", in: r.netns, name: r.ifname, orGone: true };
    journal.add(() => applyEach(kernel, [gone]).failed.map((f) => f.error));
  }
};

/** In the pod's namespace from its birth, so that its name never meets one of the host's. */
const planLink = (r: R, master: Master | undefined, name = r.ifname): Step => {
  const { info, mtu, mac } = r.config;
  const place = master && { lower: master.name, ...(master.netns !== r.netns && { netns: r.netns }) };
  const link = { name, info, ...place, ...(mac && { mac }), ...(mtu && { mtu }), alias: markOf(r) };
  return { do: "link.add", in: master?.netns ?? r.netns, link };
};

/**
 * Until 6.15 a kernel looks for a new link's name in the master's namespace, too, and takes the host's eth0 for one that
 * stands in the way of the pod's.
 */
const looksIntoHost = (kernel: Kernel, r: R, master: Master | undefined, error: unknown): boolean =>
  error instanceof FaultError &&
  error.fault.kind === "kernel" &&
  error.fault.errno === "EEXIST" &&
  master !== undefined &&
  master.netns !== r.netns &&
  findLink(kernel.open(master.netns), r.ifname) !== undefined;
