/** This host as a router between pods and the rest. Pure. */
import type { Family } from "../../base/ip.ts";
import type { Step } from "../../net/plan/step.ts";

const sysctls: Readonly<Record<Family, string>> = {
  4: "net/ipv4/ip_forward",
  6: "net/ipv6/conf/all/forwarding",
};

export const planForwarding = (families: ReadonlySet<Family>): Step<"sysctl.set">[] =>
  ([4, 6] as const)
    .filter((family) => families.has(family))
    .map((family) => ({ do: "sysctl.set", in: "", name: sysctls[family], value: "1" }));
