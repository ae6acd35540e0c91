/** C3: IPv4 and IPv6 are meant alike by pods, services, the node and its config. */
import { type Cidr, cidrFamily } from "../../base/cidr.ts";
import { family } from "../../base/ip.ts";
import type { Check, Finding } from "../check.ts";
import { ok } from "../finding.ts";
import type { Host } from "../host.ts";
import { chosenConf, rangesOf } from "../reads/network-confs.ts";
import { globalAddresses, uplinksOf } from "../reads/uplinks.ts";

const words = (families: readonly (4 | 6)[]): string => families.map((f) => `IPv${f}`).join(" and ") || "none";
const of = (cidrs: readonly Cidr[]): (4 | 6)[] => [...new Set(cidrs.map(cidrFamily))];

const node = (host: Host, wanted: readonly (4 | 6)[]): Finding[] => {
  const links = uplinksOf(host).filter((l) => l.up);
  const there = links.flatMap((l) => globalAddresses(host, l)).map((a) => family(a.address.ip));
  if (there.length === 0) return []; // L1 says it
  return wanted
    .filter((f) => !there.includes(f))
    .map((f): Finding => {
      const off = f === 6 && host.sysctl("net/ipv6/conf/all/disable_ipv6") !== "0";
      return {
        outcome: "fail",
        subject: "node",
        seen: `no IPv${f} address on ${links.map((l) => l.name).join(", ")}${off ? ": IPv6 is off" : ""}`,
        want: `one, since pods have IPv${f}`,
        fix: off
          ? {
              command: "sysctl -w net.ipv6.conf.all.disable_ipv6=0",
              undo: "sysctl -w net.ipv6.conf.all.disable_ipv6=1",
              survivesReboot: false,
            }
          : {
              command: `ip addr add ADDRESS dev ${links[0]?.name}`,
              undo: `ip addr del ADDRESS dev ${links[0]?.name}`,
              survivesReboot: false,
            },
      };
    });
};

const config = (host: Host, wanted: readonly (4 | 6)[]): Finding[] => {
  const conf = chosenConf(host);
  const given = of(rangesOf(conf).map(({ subnet }) => subnet));
  if (given.length === 0 || !conf) return [];
  const same = given.length === wanted.length && given.every((f) => wanted.includes(f));
  if (same) return [];
  return [
    {
      outcome: "fail",
      subject: conf.path,
      seen: `gives pods ${words(given)}`,
      want: `${words(wanted)}, as the cluster's pod CIDR`,
      fix: { command: `podwire cni validate ${conf.path}   # after the ranges are put right`, survivesReboot: true },
    },
  ];
};

export const familiesCheck: Check = {
  id: "C3",
  name: "families",
  area: "ranges",
  severity: "fail",
  title: "pods, services, node and config agree on IPv4 and IPv6",
  why: "half of the services answer, or a node's pods have no address of a family that others ask for",
  run: (host, { podCidrs, serviceCidrs }) => {
    const [pods, services] = [of(podCidrs), of(serviceCidrs)];
    const strange = services.filter((f) => !pods.includes(f));
    const order = strange.length === 0 && pods[0] !== services[0];
    const cluster: Finding[] =
      strange.length > 0
        ? [
            {
              outcome: "fail",
              subject: "services",
              seen: words(services),
              want: `no more than pods have: ${words(pods)}`,
              fix: {
                command: `kubeadm init --service-cidr=${
                  serviceCidrs
                    .filter((c) => pods.includes(cidrFamily(c)))
                    .map((c) => `${c.ip}/${c.prefix}`)
                    .join(",") || "RANGE"
                }   # on a new cluster`,
                survivesReboot: true,
              },
            },
          ]
        : order
          ? [
              {
                outcome: "warn",
                subject: "services",
                seen: `first ${words(services.slice(0, 1))}`,
                want: `first ${words(pods.slice(0, 1))}, as pods`,
                fix: {
                  command: `kubeadm init --service-cidr=${serviceCidrs
                    .toReversed()
                    .map((c) => `${c.ip}/${c.prefix}`)
                    .join(",")}   # on a new cluster`,
                  survivesReboot: true,
                },
              },
            ]
          : [];
    const found = [...cluster, ...node(host, pods), ...config(host, pods)];
    return found.length > 0 ? found : [ok(words(pods))];
  },
};
