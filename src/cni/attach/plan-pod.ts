/** A pod's addresses and routes, as steps. Pure. */
import { cidrFamily } from "../../base/cidr.ts";
import type { Step } from "../../net/plan/step.ts";
import { effectiveRoutes, type Layer3 } from "./layer3.ts";

/** The pod's end of an attachment. */
export interface PodLink {
  /** Path of the pod's namespace. */
  readonly netns: string;
  readonly ifname: string;
}

/**
 * How addresses of IPv6 begin: usable at once and in silence; told to all on the link, who may remember another that had
 * the address before, and then usable; or after duplicate address detection. `waitForDad` waits for the last two.
 */
export type Begin = "at once" | "told" | "detected";

export const planAddresses = (
  { netns, ifname: link }: PodLink,
  ips: Layer3["ips"],
  begin: Begin = "at once",
): Step[] => {
  const addresses = (family: 4 | 6, nodad: boolean): Step[] =>
    ips
      .filter((ip) => cidrFamily(ip.address) === family)
      .map((ip) => ({ do: "address.add", in: netns, address: { link, address: ip.address, ...(nodad && { nodad }) } }));
  const v4 = addresses(4, false);
  const dad = begin === "detected";
  const v6 = addresses(6, begin === "at once");
  const sysctl = (name: string, value: string, fresh = true): Step => ({
    do: "sysctl.set",
    in: netns,
    name,
    value,
    fresh,
  });
  const conf6 = `net/ipv6/conf/${link}`;
  return [
    // Announces the addresses when the link comes up, so that a re-used one does not meet a stale neighbour.
    ...(v4.length > 0 ? [sysctl(`net/ipv4/conf/${link}/arp_notify`, "1")] : []),
    ...v4,
    ...(v6.length > 0
      ? [
          sysctl("net/ipv6/conf/lo/disable_ipv6", "0", false),
          sysctl(`${conf6}/disable_ipv6`, "0"),
          sysctl(`${conf6}/keep_addr_on_down`, "1"),
          sysctl(`${conf6}/accept_dad`, dad ? "1" : "0"),
          ...(dad ? [sysctl(`${conf6}/enhanced_dad`, "1")] : []),
          // The kernel announces an address that it does not have to ask about first, unless it is marked nodad.
          ...(begin === "told" ? [sysctl(`${conf6}/ndisc_notify`, "1")] : []),
        ]
      : []),
    { do: "link.set", in: netns, name: link, set: { up: true }, fresh: true },
    // After the link is up: their subnet's route is then there at once, whatever the carrier's event does.
    ...v6,
  ];
};

export const planRoutes = ({ netns, ifname: link }: PodLink, l3: Pick<Layer3, "ips" | "routes">): Step[] =>
  effectiveRoutes(l3).map((route): Step => ({ do: "route.append", in: netns, route: { ...route, link } }));

/** Addresses, then the routes that go by them; the link goes up between. */
export const planPod = (pod: PodLink, l3: Pick<Layer3, "ips" | "routes">, begin: Begin = "at once"): Step[] => [
  ...planAddresses(pod, l3.ips, begin),
  ...planRoutes(pod, l3),
];
