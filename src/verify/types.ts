/** What verify is given and what it gives: endpoints in, a report of promises and findings out. Values only. */
import type { Ip } from "../base/ip.ts";

export const protocols = ["tcp", "udp", "icmp"] as const;
export type Proto = (typeof protocols)[number];

export interface Endpoint {
  /** Unique among the endpoints. */
  readonly name: string;
  readonly kind: "pod" | "node";
  /** Name of the node it is on; a node's is its own. */
  readonly node: string;
  /** Path of its network namespace; "" is the one we run in. */
  readonly netns: string;
  /** How a person runs a program in it, such as `podwire lab exec node1 --`; absent: by the path of its namespace. */
  readonly enter?: string;
  readonly ips: readonly Ip[];
}

export type PromiseId = "unique-address" | "pod-to-pod" | "no-nat" | "pod-to-node" | "node-to-pod" | "full-mtu";

/** One promise between two endpoints, kept or broken. */
export interface Finding {
  readonly promise: PromiseId;
  /** Absent where no traffic was needed (unique-address). */
  readonly proto?: Proto;
  readonly from: string;
  readonly to: string;
  readonly fromIp: Ip;
  readonly toIp: Ip;
  readonly sameNode: boolean;
  readonly ok: boolean;
  /** Begins with the errno where the kernel gave one. Present exactly when not ok. */
  readonly error?: string;
  /** From the first send to the answer, in microseconds, waiting behind other probes included. */
  readonly micros?: number;
}

/** Names of two endpoints. */
export interface Pair {
  readonly from: string;
  readonly to: string;
}

export interface PromiseReport {
  readonly id: PromiseId;
  readonly title: string;
  /** True when none is broken, also when none could be checked: see `checked`. */
  readonly ok: boolean;
  readonly checked: number;
  readonly broken: number;
  /** Left out because an earlier finding makes the answer worthless: an address held twice, a pair that is cut off. */
  readonly unchecked: number;
}

export interface Report {
  readonly apiVersion: "podwire.dev/v1alpha1";
  readonly kind: "VerifyReport";
  readonly endpoints: readonly Endpoint[];
  readonly promises: readonly PromiseReport[];
  /** All of them, or the broken ones only (`VerifyOptions.keep`). */
  readonly findings: readonly Finding[];
  /** Between these some of what was asked for could not be checked. */
  readonly unchecked: readonly Pair[];
  /** What was noticed about the machine while measuring, such as a full neighbour table. */
  readonly notes: readonly string[];
  readonly summary: {
    readonly ok: boolean;
    readonly pods: number;
    readonly nodes: number;
    readonly checked: number;
    readonly broken: number;
    readonly unchecked: number;
    readonly millis: number;
  };
}

export interface VerifyOptions {
  /** Default: all. */
  readonly protocols?: readonly Proto[];
  /** Default: all. */
  readonly promises?: readonly PromiseId[];
  /** How long one probe may take, in milliseconds. Default 1500. */
  readonly timeoutMs?: number;
  /** Findings in the report. Default `all`. */
  readonly keep?: "all" | "broken";
  /** Called now and then with probes finished, out of how many. */
  readonly onProgress?: (done: number, total: number) => void;
}
