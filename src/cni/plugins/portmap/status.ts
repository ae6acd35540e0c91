/** STATUS: whether ADD could make its table; and what a person should know of kube-proxy on this host. */
import { type Family, family } from "../../../base/ip.ts";
import { listAddresses } from "../../../net/addresses.ts";
import type { Kernel } from "../../../net/kernel.ts";
import { findLink } from "../../../net/links.ts";
import { needsNft } from "../../filter/masquerade.ts";
import type { PortmapConfig } from "./parse.ts";

/** The link on which kube-proxy in IPVS mode keeps the addresses of all services, so that they are the host's own. */
const ipvsLink = "kube-ipvs0";

/** @throws FaultError unavailable */
export const status = (kernel: Kernel, c: PortmapConfig, log: (line: string) => void): void => {
  needsNft(kernel);
  const link = findLink(kernel.host, ipvsLink);
  if (!link) return;
  const services = listAddresses(kernel.host, link.index).map((a) => family(a.address.ip));
  for (const f of [4, 6] as const) if (services.includes(f) && c.conditions[f].length === 0) log(ipvsWords(f));
};

const ipvsWords = (f: Family): string =>
  `kube-proxy is in IPVS mode (link ${ipvsLink}): a host port without hostIP also takes what goes to a service of ` +
  `IPv${f} at the same port; "conditionsV${f}": ["!", "-d", "${f === 4 ? "10.96.0.0/12" : "fd00:10:96::/112"}"], with the ` +
  "cluster's service range, leaves that to kube-proxy";
