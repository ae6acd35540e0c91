/** The kernel's units of traffic control, and settings in units of a person: rates in bytes a second, buckets in bytes. */
import { linklayerEthernet } from "../../kernel/codec/tc-kinds/rate-spec.ts";
import type { Tbf } from "../../kernel/codec/tc-kinds/tbf.ts";

/** A tick (PSCHED_SHIFT) in nanoseconds. */
const tick = 64;
const second = 1e9;

/** What a bucket of so many ticks holds. */
export const ticksToBytes = (ticks: number, rate: number): number => Math.round((ticks * tick * rate) / second);

/** How long so many bytes take. */
export const bytesToTicks = (bytes: number, rate: number): number => Math.floor((bytes * second) / rate / tick);

export interface TokenBucket {
  /** Bytes a second. */
  readonly rate: number;
  /** Bytes that may go at once after a pause. */
  readonly burst: number;
  /** Bytes that wait at most. */
  readonly limit: number;
  /** How fast the burst may go, in bytes a second; more than `rate`. */
  readonly peakrate?: number;
  /** With `peakrate`: larger packets of several segments are cut into them. At least one frame. */
  readonly minburst?: number;
}

export const tokenBucket = (b: TokenBucket): Tbf => ({
  rate: { rate: b.rate, linklayer: linklayerEthernet },
  ...(b.peakrate && { peakrate: { rate: b.peakrate, linklayer: linklayerEthernet } }),
  limit: b.limit,
  burst: b.burst,
  ...(b.peakrate && { minburst: b.minburst }),
});
