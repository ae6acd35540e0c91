/** The config of `bandwidth` as values. */
import type { Cidr } from "../../../base/cidr.ts";

/** One direction's limit. */
export interface Limit {
  /** Bytes a second. */
  readonly rate: number;
  /** Bytes that may go at once after a pause. */
  readonly burst: number;
}

export interface BandwidthConfig {
  /** What the pod receives. */
  readonly ingress?: Limit;
  /** What the pod sends. */
  readonly egress?: Limit;
  /** The pod's traffic with these alone is limited, or with all but these; absent is all of it. */
  readonly subnets?: { readonly are: "shaped" | "unshaped"; readonly list: readonly Cidr[] };
}
