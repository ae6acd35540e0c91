/** The kernel drops what has a loopback address outside of `lo` unless the link towards the pod allows it. */
import { type Cidr, cidrFamily } from "../../../base/cidr.ts";
import type { Kernel } from "../../../net/kernel.ts";
import { findLinkByIndex } from "../../../net/links.ts";
import { linkTo } from "../../../net/routes.ts";
import type { PortmapConfig } from "./parse.ts";

/** The sysctl of the link towards the pod; undefined when nothing needs it. */
export const localnetSysctl = (kernel: Kernel, c: PortmapConfig, targets: readonly Cidr[]): string | undefined => {
  if (!c.snat && !c.masqAll) return undefined;
  const pod = targets.find((a) => cidrFamily(a) === 4);
  const index = pod && linkTo(kernel.host, pod.ip);
  const link = index === undefined ? undefined : findLinkByIndex(kernel.host, index);
  return link && link.name !== "lo" ? `net/ipv4/conf/${link.name}/route_localnet` : undefined;
};
