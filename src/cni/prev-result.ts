/** What a chained plugin reads off the result so far. Pure. */
import { type Cidr, cidrFamily } from "../base/cidr.ts";
import type { Family } from "../base/ip.ts";
import type { Request, Result } from "./spec/types.ts";

/** Addresses of the pod's interface: those of the attachment's own name, and those that name no interface. */
export const podAddresses = (prev: Result, r: Pick<Request<unknown>, "ifname">): Cidr[] =>
  prev.ips
    .filter(({ interface: place }) => {
      if (place === undefined) return true;
      const link = prev.interfaces[place];
      return !link || (link.name === r.ifname && !!link.sandbox);
    })
    .map((ip) => ip.address);

/** The first of them in a family. */
export const firstAddress = (addresses: readonly Cidr[], family: Family): Cidr | undefined =>
  addresses.find((a) => cidrFamily(a) === family);
