/** An endpoint written by hand: a network namespace, and its addresses when they are not to be read from the kernel. */
import { FaultError } from "../base/fault.ts";
import { parseIp } from "../base/ip.ts";
import { netnsPath } from "../kernel/os/netns.ts";
import type { Kernel } from "../net/kernel.ts";
import { heldAddresses } from "./survey.ts";
import type { Endpoint } from "./types.ts";

/**
 * `NETNS[@NODE][=IP[,IP...]]`; NETNS is a name under /run/netns or a path. Pods without a node are all on `local`.
 * @throws FaultError bad-value, bad-netns, unavailable when the namespace holds no address
 */
export const endpointOfNetns = (kernel: Kernel, text: string, kind: Endpoint["kind"]): Endpoint => {
  const [who = "", list] = text.split("=", 2);
  const [where = "", node = kind === "node" ? where : "local"] = who.split("@", 2);
  if (where === "")
    throw new FaultError({
      kind: "bad-value",
      what: "network namespace",
      got: JSON.stringify(text),
      want: "NETNS[@NODE][=IP]",
      fix: "ip netns list",
    });
  const netns = netnsPath(where);
  const ns = kernel.open(netns);
  const ips = list === undefined ? heldAddresses(ns).map((h) => h.ip) : list.split(",").map((ip) => parseIp(ip, text));
  if (ips.length === 0)
    throw new FaultError({
      kind: "unavailable",
      why: `network namespace ${where} holds no address on a link that is up`,
      fix: `nsenter --net=${netns} ip address`,
    });
  return { name: where, kind, node, netns, ips };
};
