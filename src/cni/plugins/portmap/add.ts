/** ADD: the mappings go into the table in one transaction, and what was led elsewhere before is forgotten. */
import { type Cidr, cidrFamily } from "../../../base/cidr.ts";
import { FaultError, joinFaults } from "../../../base/fault.ts";
import { family } from "../../../base/ip.ts";
import { holdsNothing } from "../../../net/nft/base.ts";
import { needPrevResult } from "../../attach/refusals.ts";
import { hold } from "../../filter/held.ts";
import { needsNft } from "../../filter/masquerade.ts";
import { Journal } from "../../journal.ts";
import type { Ports } from "../../plugin.ts";
import { podAddresses } from "../../prev-result.ts";
import type { Request, Result } from "../../spec/types.ts";
import { forgetEarlier } from "./flows.ts";
import { heldBy, targetsOf } from "./held.ts";
import { refuseHeld, refuseListeners } from "./holder.ts";
import { localnetSysctl } from "./localnet.ts";
import type { PortmapConfig } from "./parse.ts";
import { dropUnused } from "./remove.ts";
import { baseFor } from "./table.ts";

type R = Request<PortmapConfig>;

/** @throws FaultError, with the host as it was before */
export const add = async (r: R, { kernel, log }: Ports): Promise<Result> => {
  const prev = needPrevResult(r);
  const c = r.config;
  if (c.mappings.length === 0) return prev;
  const targets = targetsOf(c, podAddresses(prev, r));
  refuseNowhere(c, targets, log);
  needsNft(kernel);
  refuseListeners(kernel, c, targets);
  const held = heldBy(r, c, targets);
  const base = baseFor(c, c.snat && !c.masqAll ? targets : []);
  const journal = new Journal(kernel);
  try {
    const name = localnetSysctl(kernel, c, targets);
    // Others on the same link may rely on it by the time that this fails.
    if (name)
      journal.runShared([{ do: "sysctl.set", in: "", name, value: "1" }], () => !holdsNothing(kernel.host, base));
    journal.add(() => dropUnused(kernel, base, held));
    journal.add(hold(kernel, base, held, (there, wanted) => refuseHeld(kernel, r, base.table, there, wanted)));
    forgetEarlier(kernel, held);
    return prev;
  } catch (error) {
    const failed = journal.takeBack();
    throw failed.length > 0 ? joinFaults([error, ...failed]) : error;
  }
};

/** A mapping that has nowhere to lead to. @throws FaultError bad-config */
const refuseNowhere = (c: PortmapConfig, targets: readonly Cidr[], log: (line: string) => void): void => {
  if (targets.length === 0)
    throw new FaultError({ kind: "bad-config", at: "prevResult.ips", why: "has no address that ports could lead to" });
  for (const { hostIp, hostPort } of c.mappings) {
    if (hostIp === undefined || targets.some((a) => cidrFamily(a) === family(hostIp))) continue;
    const why = `host port ${hostPort} at ${hostIp}: the pod has no address of IPv${family(hostIp)}`;
    if (hostIp !== "0.0.0.0" && hostIp !== "::")
      throw new FaultError({ kind: "bad-config", at: "runtimeConfig.portMappings", why });
    log(`${why}, left out`);
  }
};
