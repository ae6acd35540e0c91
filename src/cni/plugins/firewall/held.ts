/** What an attachment has in the table: its addresses, and with a policy the bridge it is about. */
import { cidrFamily } from "../../../base/cidr.ts";
import { FaultError } from "../../../base/fault.ts";
import { ipBytes } from "../../../base/ip.ts";
import { ifnameKey } from "../../../net/nft/keys.ts";
import type { Held, Place } from "../../filter/held.ts";
import { commentOf } from "../../mark.ts";
import { podAddresses } from "../../prev-result.ts";
import type { Request, Result } from "../../spec/types.ts";
import { isolated } from "./bridge-table.ts";
import type { FirewallConfig } from "./parse.ts";
import { pods4, pods6, policyUsers } from "./table.ts";

const hostLinks = (prev: Result): string[] => prev.interfaces.filter((x) => !x.sandbox).map((x) => x.name);

/** The host's side: the bridge first, and the host's end of the pod's veth. @throws FaultError bad-config */
const hostLink = (prev: Result): string => {
  const [link] = hostLinks(prev);
  if (link !== undefined) return link;
  throw new FaultError({
    kind: "bad-config",
    at: "prevResult.interfaces",
    why: "has none on the host, and ingressPolicy is about its bridge",
  });
};

/** @throws FaultError bad-config */
export const heldBy = (r: Request<FirewallConfig>, prev: Result): Held[] => {
  const comment = commentOf(r);
  const { policy } = r.config;
  const link = policy === "open" ? undefined : ifnameKey(hostLink(prev));
  return podAddresses(prev, r).flatMap((a) => {
    const family = cidrFamily(a);
    const address = ipBytes(a.ip);
    const pod: Held = { set: family === 4 ? pods4 : pods6, element: { key: [address], comment } };
    if (policy === "open" || link === undefined) return [pod];
    return [pod, { set: policyUsers[policy][family], element: { key: [address, link], comment } }];
  });
};

/** The pod's port of its bridge, when no other may send to it. */
export const isolatedPort = (r: Request<FirewallConfig>, prev: Result): Held[] => {
  const [, port] = hostLinks(prev);
  if (r.config.policy !== "isolated" || port === undefined) return [];
  return [{ set: isolated, element: { key: [ifnameKey(port)], comment: commentOf(r) } }];
};

/**
 * Where all of it stands as far as the result tells, whatever the policy was at ADD, and how many of these places the
 * config says were taken.
 */
export const placesOf = (r: Request<FirewallConfig>, prev: Result) => {
  const addresses = podAddresses(prev, r);
  const [link, port] = hostLinks(prev);
  const inet = addresses.flatMap((a): Place[] => {
    const family = cidrFamily(a);
    const address = ipBytes(a.ip);
    const users = link === undefined ? [] : Object.values(policyUsers).map((of) => of[family]);
    return [
      { set: family === 4 ? pods4 : pods6, key: [address] },
      ...users.map((set) => ({ set, key: [address, ifnameKey(link ?? "")] })),
    ];
  });
  const bridge: Place[] = port === undefined ? [] : [{ set: isolated, key: [ifnameKey(port)] }];
  const made = addresses.length * (r.config.policy === "open" ? 1 : 2) + isolatedPort(r, prev).length;
  return { inet, bridge, made: addresses.length === 0 ? 0 : made };
};
