/** C2: there are addresses enough. */

import { type Cidr, cidrFamily, cidrText, lastOf, networkOf } from "../../base/cidr.ts";
import { bitsOf, ipToBig } from "../../base/ip.ts";
import type { Asked } from "../asked.ts";
import type { Check, Finding } from "../check.ts";
import { ok } from "../finding.ts";
import type { Host } from "../host.ts";
import { type ConfRange, chosenConf, rangesOf } from "../reads/network-confs.ts";

/** The network's own, the gateway's and, of IPv4, the broadcast address are no pod's. */
const podsIn = (size: bigint, family: 4 | 6): bigint => (size > 3n ? size - (family === 4 ? 3n : 2n) : 0n);

const sizeOf = (cidr: Cidr): bigint => 1n << BigInt(bitsOf(cidrFamily(cidr)) - cidr.prefix);

const count = (n: bigint): string => (n > 1_000_000n ? "over a million" : String(n));

const blocks = (cidr: Cidr, { nodePrefix, maxPods }: Asked): Finding => {
  const family = cidrFamily(cidr);
  const prefix = nodePrefix[family];
  const subject = `pods ${cidrText(cidr)}`;
  const bits = prefix - cidr.prefix;
  const init = (flag: string) => ({ command: `kubeadm init ${flag}   # on a new cluster`, survivesReboot: true });
  if (bits < 0)
    return {
      outcome: "fail",
      subject,
      seen: `smaller than one node's block, /${prefix}`,
      want: `a range of /${prefix - 8} or larger`,
      fix: init(`--pod-network-cidr=${networkOf(cidr)}/${Math.max(8, prefix - 8)}`),
    };
  // The controller manager keeps a bit for each block, and refuses more.
  if (bits > 16)
    return {
      outcome: "fail",
      subject,
      seen: `2^${bits} blocks of /${prefix}`,
      want: "at most 2^16: a larger block for a node, or a smaller range",
    };
  const pods = podsIn(1n << BigInt(bitsOf(family) - prefix), family);
  if (pods < BigInt(maxPods))
    return {
      outcome: "fail",
      subject,
      seen: `${pods} addresses in a node's /${prefix}`,
      want: `at least ${maxPods}, the pods that kubelet takes`,
      fix: {
        command: `podwire node check --max-pods ${pods}   # and maxPods: ${pods} in kubelet's config`,
        survivesReboot: true,
      },
    };
  return ok(`${2 ** bits} nodes of ${count(pods)} pods`, subject);
};

const services = (cidr: Cidr): Finding => {
  const subject = `services ${cidrText(cidr)}`;
  const size = sizeOf(cidr);
  const most = cidrFamily(cidr) === 4 ? 12 : 108;
  if (size < 256n)
    return { outcome: "warn", subject, seen: `${size} addresses`, want: "256 or more: each service takes one" };
  if (cidr.prefix < most)
    return {
      outcome: "fail",
      subject,
      seen: `/${cidr.prefix}`,
      want: `/${most} or smaller: the API server refuses more than 2^20 addresses`,
    };
  return ok(`${count(size)} services`, subject);
};

/** What the node's own config gives from. */
const confRange = ({ subnet, first, last }: ConfRange, { maxPods }: Asked, path: string): Finding => {
  const family = cidrFamily(subnet);
  const whole = first === undefined && last === undefined;
  const between = ipToBig(last ?? lastOf(subnet)) - ipToBig(first ?? networkOf(subnet)) + 1n;
  const pods = whole ? podsIn(sizeOf(subnet), family) : between - (first ? 0n : 2n) - (last ? 0n : 1n);
  const subject = `${path}: ${cidrText(subnet)}${last || first ? ` ${first ?? ""}-${last ?? ""}` : ""}`;
  if (pods >= BigInt(maxPods)) return ok(`${count(pods)} addresses`, subject);
  return {
    outcome: "fail",
    subject,
    seen: `${pods < 0n ? 0 : pods} addresses`,
    want: `at least ${maxPods}, the pods that kubelet takes`,
    fix: {
      command: `podwire cni validate ${path}   # after rangeStart and rangeEnd are taken out, or the subnet is larger`,
      survivesReboot: true,
    },
  };
};

const own = (host: Host, asked: Asked): Finding[] => {
  const conf = chosenConf(host);
  return rangesOf(conf).map((range) => confRange(range, asked, conf?.path ?? ""));
};

export const rangeSizeCheck: Check = {
  id: "C2",
  name: "range-size",
  area: "ranges",
  severity: "fail",
  title: "there are addresses for all nodes, pods and services",
  why: "some weeks later a node gets no block, or a pod no address: no IPs available",
  run: (host, asked) => [
    ...asked.podCidrs.map((cidr) => blocks(cidr, asked)),
    ...asked.serviceCidrs.map(services),
    ...own(host, asked),
  ],
};
