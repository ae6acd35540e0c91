/** The promises of a pod network, in the order in which they are told. */
import type { PromiseId, Proto } from "./types.ts";

export interface PromiseEntry {
  readonly id: PromiseId;
  readonly title: string;
  readonly protocols: readonly Proto[];
}

export const promises = [
  { id: "unique-address", title: "every endpoint holds an address of its own", protocols: [] },
  { id: "pod-to-pod", title: "every pod reaches every other pod", protocols: ["tcp", "udp", "icmp"] },
  { id: "no-nat", title: "a pod is seen under its own address", protocols: ["tcp", "udp", "icmp"] },
  { id: "pod-to-node", title: "every pod reaches every node", protocols: ["tcp", "icmp"] },
  { id: "node-to-pod", title: "every node reaches every pod", protocols: ["tcp", "icmp"] },
  { id: "full-mtu", title: "a packet of the pod's full MTU arrives whole", protocols: ["udp"] },
] as const satisfies readonly PromiseEntry[];

export const promiseIds: readonly PromiseId[] = promises.map((p) => p.id);
