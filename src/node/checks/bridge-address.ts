/** L9: the pods' bridge has the address that the network config gives it. */
import { cidrFamily, cidrText, contains } from "../../base/cidr.ts";
import type { Check, Finding } from "../check.ts";
import { ok } from "../finding.ts";
import { bridgesOf, chosenConf, rangesOf } from "../reads/network-confs.ts";
import { globalAddresses } from "../reads/uplinks.ts";

export const bridgeAddressCheck: Check = {
  id: "L9",
  name: "bridge-address",
  area: "links",
  severity: "fail",
  title: "the pods' bridge is in the node's block of pod addresses",
  why: 'no pod starts: "cni0" already has an IP address different from ...; this is what changing the pod CIDR leaves',
  run: (host): readonly Finding[] => {
    const conf = chosenConf(host);
    const ranges = rangesOf(conf).map(({ subnet }) => subnet);
    const bridges = host.links.filter((l) => bridgesOf(conf).includes(l.name));
    if (ranges.length === 0) return [];
    return bridges.flatMap((bridge) =>
      globalAddresses(host, bridge).map(({ address }): Finding => {
        const same = ranges.filter((r) => cidrFamily(r) === cidrFamily(address));
        // A family that the config does not give is C3's.
        if (same.length === 0 || same.some((r) => contains(r, address.ip) && r.prefix === address.prefix))
          return ok(cidrText(address), bridge.name);
        return {
          outcome: "fail",
          subject: bridge.name,
          seen: cidrText(address),
          want: `an address of ${same.map(cidrText).join(" or ")}, as ${conf?.path} says`,
          fix: {
            command: `ip addr del ${cidrText(address)} dev ${bridge.name}`,
            undo: `ip addr add ${cidrText(address)} dev ${bridge.name}`,
            survivesReboot: true,
          },
        };
      }),
    );
  },
};
