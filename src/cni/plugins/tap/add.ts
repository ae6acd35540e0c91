/** ADD: look, make the device, ask the IPAM plugin, make the rest. A failure takes back all that was made. */
import { needIpv6 } from "../../attach/ipv6.ts";
import { chooseDns, type Layer3, layer3On } from "../../attach/layer3.ts";
import { planPod } from "../../attach/plan-pod.ts";
import { refuseSilentVersion, refuseTaken } from "../../attach/refusals.ts";
import { tellLink } from "../../attach/result.ts";
import { takeBack } from "../../attach/take-back.ts";
import { Journal } from "../../journal.ts";
import type { Ports } from "../../plugin.ts";
import type { Request, Result } from "../../spec/types.ts";
import type { TapConfig } from "./parse.ts";
import { planTap } from "./plan.ts";
import { needBridge, refuseContext } from "./refuse.ts";

type R = Request<TapConfig>;

/** @throws FaultError, with host and pod as they were before */
export const add = async (r: R, { kernel, delegate }: Ports): Promise<Result> => {
  const { ipam, bridge, dns } = r.config;
  refuseSilentVersion(r.cniVersion, ipam);
  refuseContext(r.config);
  const pod = kernel.open(r.netns);
  refuseTaken(pod, r.ifname);
  if (bridge !== undefined) needBridge(pod, bridge);
  const journal = new Journal(kernel);
  journal.run(planTap(r));
  try {
    let l3: Layer3 = { ips: [], routes: [], dns: {} };
    if (ipam !== undefined) {
      l3 = layer3On(0, ipam, await delegate.add(ipam, r));
      needIpv6(kernel, ipam, l3.ips);
      journal.run(planPod(r, l3));
    }
    const interfaces = [tellLink(pod, r.ifname, r.netns)];
    return { interfaces, ips: l3.ips, routes: l3.routes, dns: chooseDns(dns, l3.dns) };
  } catch (error) {
    throw await takeBack(error, journal, r, ipam, delegate);
  }
};
