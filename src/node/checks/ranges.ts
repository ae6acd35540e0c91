/** C1: the cluster's ranges are nobody else's. */
import { type Cidr, cidrText, overlaps } from "../../base/cidr.ts";
import type { Asked } from "../asked.ts";
import type { Check, Finding, Fix } from "../check.ts";
import { ok } from "../finding.ts";
import type { Host } from "../host.ts";
import { freeRange, takenRanges } from "../reads/taken.ts";
import { globalAddresses } from "../reads/uplinks.ts";

interface Range {
  readonly what: "pods" | "services";
  readonly cidr: Cidr;
}

const flags = { pods: "--pod-network-cidr", services: "--service-cidr" } as const;

const rangesOf = ({ podCidrs, serviceCidrs }: Asked): Range[] => [
  ...podCidrs.map((cidr) => ({ what: "pods", cidr }) as const),
  ...serviceCidrs.map((cidr) => ({ what: "services", cidr }) as const),
];

const mend = ({ what, cidr }: Range, used: readonly Cidr[]): Fix | undefined => {
  const free = freeRange(what, cidr, used);
  return free === undefined
    ? undefined
    : {
        command: `kubeadm init ${flags[what]}=${free}   # on a new cluster; podwire node check knows it as --${what === "pods" ? "pod" : "service"}-cidr`,
        survivesReboot: true,
      };
};

const look = (host: Host, asked: Asked, range: Range, all: readonly Range[]): Finding[] => {
  const taken = takenRanges(host, asked);
  const others = all.filter((r) => r !== range);
  const clashes = [
    ...taken.filter((t) => overlaps(t.range, range.cidr)).map((t) => `${cidrText(t.range)} is ${t.by}`),
    ...others.filter((o) => overlaps(o.cidr, range.cidr)).map((o) => `${cidrText(o.cidr)} is the ${o.what}' range`),
  ];
  const subject = `${range.what} ${cidrText(range.cidr)}`;
  if (clashes.length === 0) return [ok("nobody else's", subject)];
  const addresses = globalAddresses(host).map((a) => a.address);
  const used = [...taken.map((t) => t.range), ...others.map((o) => o.cidr), ...addresses];
  const fix = mend(range, used);
  return [...new Set(clashes)].map((seen) => ({
    outcome: "fail",
    subject,
    seen,
    want: `a range that is nobody else's on any node${fix ? `; this node has ${freeRange(range.what, range.cidr, used)} free` : ""}`,
    ...(fix ? { fix } : {}),
  }));
};

export const rangesCheck: Check = {
  id: "C1",
  name: "ranges",
  area: "ranges",
  severity: "fail",
  title: "the ranges of pods and services are nobody else's",
  why: "hosts with such addresses are not reached from pods: a printer, a VPN, the name server, another site",
  run: (host, asked) => {
    const all = rangesOf(asked);
    return all.flatMap((range) => look(host, asked, range, all));
  },
};
