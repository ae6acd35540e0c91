/** CHECK: every object that ADD made is still there and as it was; each difference is named, all of them at once. */
import { joinFaults } from "../../../base/fault.ts";
import { checkAddresses, checkRoutes } from "../../attach/check-pod.ts";
import { checkSteps } from "../../attach/check-steps.ts";
import { checkVeth, toldVeth } from "../../attach/check-veth.ts";
import { needPrevResult } from "../../attach/refusals.ts";
import { sourceTables } from "../../attach/source-tables.ts";
import { checkMasquerade } from "../../filter/masquerade.ts";
import { Findings } from "../../findings.ts";
import type { Ports } from "../../plugin.ts";
import type { Request } from "../../spec/types.ts";
import type { PtpConfig } from "./parse.ts";
import { pairsOf, planForwardingLink, planHost, planPoint, planRouter } from "./plan.ts";

/** @throws FaultError differs, not-found, bad-config */
export const check = async (r: Request<PtpConfig>, { kernel, delegate }: Ports): Promise<void> => {
  const { mtu, masquerade, ipam } = r.config;
  const told = toldVeth(needPrevResult(r), r);
  const pairs = pairsOf(told.own.ips, "prevResult.ips");
  const found = new Findings();
  const { host, pod } = checkVeth(kernel, r, told, { mtu, podUp: true }, found);
  if (pod) {
    checkAddresses(kernel, r, told.own, pod, found);
    const ns = kernel.open(r.netns);
    const tables = sourceTables(
      ns,
      pairs.map((p) => p.address.ip),
    );
    // Before the routes that go by them: the first line that mends something has to work.
    checkSteps(ns, r.ifname, planPoint(r, pairs), found, tables);
    checkRoutes(kernel, r, told.own, pod, found);
  }
  const hostSteps = host ? [...planForwardingLink(host.name, pairs), ...planHost(host.name, pairs)] : [];
  checkSteps(kernel.host, told.host.name, [...planRouter(pairs), ...hostSteps], found);
  if (masquerade) {
    const addresses = pairs.map((p) => p.address);
    checkMasquerade(kernel, r, addresses, found);
  }
  await delegate.check(ipam, r).catch((error: unknown) => found.errors.push(error));
  if (found.errors.length > 0) throw joinFaults(found.errors);
};
