/** CHECK: the attachment still has, by its result, each address of the config, with its gateway. */
import { cidrText } from "../../../base/cidr.ts";
import { joinFaults } from "../../../base/fault.ts";
import { needPrevResult } from "../../attach/refusals.ts";
import { Findings } from "../../findings.ts";
import type { Request } from "../../spec/types.ts";
import type { StaticConfig } from "./config.ts";

/** @throws FaultError not-found, differs, bad-config */
export const check = (r: Request<StaticConfig>): void => {
  const prev = needPrevResult(r);
  const found = new Findings();
  for (const { address, gateway } of r.config.ips) {
    const there = prev.ips.filter((ip) => ip.address.ip === address.ip);
    const [seen] = there;
    const what = `address ${address.ip} in prevResult`;
    if (!seen) found.gone(what, again(r));
    else if (!there.some((ip) => ip.address.prefix === address.prefix))
      found.differs(what, cidrText(seen.address), cidrText(address), again(r));
    // Without a gateway here, the plugin that made the interface may have chosen one.
    else if (gateway && !there.some((ip) => ip.gateway === gateway))
      found.differs(`gateway of ${cidrText(address)} in prevResult`, seen.gateway ?? "none", gateway, again(r));
  }
  if (found.errors.length > 0) throw joinFaults(found.errors);
};

/** The result is that of another config: only an attachment made anew has this one's. */
const again = ({ network, containerId, ifname }: Request<StaticConfig>): string =>
  `podwire cni del ${network} --container-id ${containerId} --ifname ${ifname}`;
