/** Says plainly what would otherwise be a missing file or "permission denied". */
import { cidrFamily } from "../../base/cidr.ts";
import { FaultError } from "../../base/fault.ts";
import { sysctlName } from "../../base/sysctl-name.ts";
import type { Kernel } from "../../net/kernel.ts";
import type { Layer3 } from "./layer3.ts";

/**
 * `carrier`: the host's link that gets an IPv6 address, and the name under which its sysctls are to be found now.
 * @throws FaultError unavailable, differs
 */
export const needIpv6 = (
  kernel: Kernel,
  ipam: string,
  ips: Layer3["ips"],
  carrier?: { readonly link: string; readonly conf: string },
): void => {
  if (!ips.some((ip) => cidrFamily(ip.address) === 6)) return;
  const name = `net/ipv6/conf/${carrier?.conf ?? "lo"}/disable_ipv6`;
  const disabled = kernel.host.readSysctl(name);
  if (disabled === undefined)
    throw new FaultError({
      kind: "unavailable",
      why: `the IPAM plugin ${ipam} gave an IPv6 address, and this kernel runs without IPv6`,
      fix: "boot without ipv6.disable=1, or take the IPv6 range out of ipam",
    });
  if (carrier && disabled !== "0")
    throw new FaultError({
      kind: "differs",
      what: sysctlName(name),
      seen: disabled,
      want: `0: ${carrier.link} carries the IPv6 gateway`,
      fix: `sysctl -w ${sysctlName(name)}=0`,
    });
};
