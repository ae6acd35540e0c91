/** L1: a link that leads out of the node. */
import { cidrText } from "../../base/cidr.ts";
import type { Link } from "../../net/links.ts";
import type { Check, Finding } from "../check.ts";
import { ok } from "../finding.ts";
import type { Host } from "../host.ts";
import { carries, globalAddresses, uplinksOf } from "../reads/uplinks.ts";

const stateOf = (host: Host, link: Link): string => {
  const addresses = globalAddresses(host, link).map((a) => cidrText(a.address));
  const state = !link.up ? "down" : carries(link) ? "up" : `up, but ${link.operstate}: no cable, or nothing behind it`;
  return `${state}, ${addresses.length > 0 ? addresses.join(", ") : "no address"}`;
};

const mend = (host: Host, link: Link): Pick<Finding, "fix"> => {
  if (!link.up)
    return {
      fix: {
        command: `ip link set dev ${link.name} up`,
        undo: `ip link set dev ${link.name} down`,
        survivesReboot: false,
      },
    };
  return globalAddresses(host, link).length > 0
    ? {}
    : { fix: { command: `dhclient ${link.name}`, undo: `dhclient -r ${link.name}`, survivesReboot: false } };
};

export const linkUpCheck: Check = {
  id: "L1",
  name: "link-up",
  area: "links",
  severity: "fail",
  title: "a link to the other nodes is up and has an address",
  why: "the node reaches nobody, and nobody it: nothing of Kubernetes starts",
  run: (host) => {
    const uplinks = uplinksOf(host);
    const good = uplinks.filter((l) => carries(l) && globalAddresses(host, l).length > 0);
    if (good.length > 0) return good.map((l) => ok(stateOf(host, l), l.name));
    const want = "up, with an address that other nodes reach";
    if (uplinks.length === 0) return [{ outcome: "fail", seen: "no link but those of software's making", want }];
    return uplinks.map(
      (l): Finding => ({ outcome: "fail", subject: l.name, seen: stateOf(host, l), want, ...mend(host, l) }),
    );
  },
};
