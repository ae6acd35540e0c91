/** M2: room in the table of neighbours, which all namespaces of a machine share. */
import { cidrFamily } from "../../base/cidr.ts";
import type { Asked } from "../asked.ts";
import type { Check, Finding } from "../check.ts";
import { machineSysctl, ok, sysctlFix } from "../finding.ts";
import type { Host } from "../host.ts";

/** Kubernetes supports no more. */
const mostNodes = 5000;

/** Pods of this node, each of which knows the bridge and is known by it, and the other nodes. */
const expected = ({ podCidrs, nodePrefix, maxPods }: Asked, family: 4 | 6): number => {
  const range = podCidrs.find((c) => cidrFamily(c) === family);
  const nodes = range ? 2 ** Math.max(0, Math.min(nodePrefix[family] - range.prefix, 13)) : 1;
  return 2 * maxPods + Math.min(nodes, mostNodes);
};

/** The next power of two. */
const above = (n: number): number => 2 ** Math.ceil(Math.log2(n));

const look = (host: Host, asked: Asked, family: 4 | 6): Finding[] => {
  const name = `net.ipv${family}.neigh.default.gc_thresh3`;
  const limit = machineSysctl(host, name);
  if (limit === undefined) return [];
  const entries = expected(asked, family);
  const subject = `IPv${family}`;
  if (Number(limit) >= entries) return [ok(`${limit} neighbours at most, ${entries} expected`, subject)];
  return [
    {
      outcome: "warn",
      subject,
      seen: `${name} = ${limit}`,
      want: `${above(entries)} or more, for ${asked.maxPods} pods and the nodes that the pod range has room for`,
      fix: sysctlFix(host, name, String(above(entries)), limit),
    },
  ];
};

export const neighboursCheck: Check = {
  id: "M2",
  name: "neighbours",
  area: "limits",
  severity: "warn",
  title: "the table of neighbours has room for pods and nodes",
  why: "'neighbour table overflow': packets to some pods and nodes are lost although everything is configured right",
  run: (host, asked) => [...new Set(asked.podCidrs.map(cidrFamily))].flatMap((family) => look(host, asked, family)),
};
