/** CHECK: the lease is held, and its address is the one that the pod was given. */
import { cidrText, sameCidr } from "../../../base/cidr.ts";
import { FaultError, joinFaults } from "../../../base/fault.ts";
import { Findings } from "../../findings.ts";
import type { Ports } from "../../plugin.ts";
import type { Request } from "../../spec/types.ts";
import { ask } from "./client.ts";
import { holderOf, holderText } from "./lease.ts";
import { netnsIdOf } from "./leased-link.ts";
import type { DhcpConfig } from "./parse.ts";
import { leasedAddress } from "./result.ts";
import { noDaemon } from "./unavailable.ts";

/** @throws FaultError not-found, differs, unavailable */
export const check = (r: Request<DhcpConfig>, { kernel }: Ports): void => {
  const holder = holderOf(r);
  const answer = ask(r.config.socket, { op: "show", holder });
  if ("noDaemon" in answer) throw noDaemon(r, answer.noDaemon);
  const { lease } = answer;
  const what = `lease of ${holderText(holder)}`;
  // No command brings an address back into a pod that runs with it: the runtime has to attach it anew.
  const fix = `podwire cni del ${r.network} ${r.netns} --ifname ${r.ifname}, then podwire cni add`;
  if (!lease) throw new FaultError({ kind: "not-found", what, why: "the dhcp daemon holds none", fix });
  if (lease.lost !== undefined) throw new FaultError({ kind: "not-found", what, why: lease.lost, fix });
  const found = new Findings();
  const address = leasedAddress(lease.grant);
  const given = r.prevResult?.ips.map((ip) => ip.address) ?? [];
  if (r.prevResult && !given.some((ip) => sameCidr(ip, address)))
    found.differs(`address of ${holderText(holder)}`, given.map(cidrText).join(", ") || "none", cidrText(address), fix);
  if (netnsIdOf(kernel.open(r.netns)) !== lease.link.netnsId)
    found.differs(`namespace of the ${what}`, `another one, once at ${lease.link.netns}`, r.netns, fix);
  if (found.errors.length > 0) throw joinFaults(found.errors);
};
