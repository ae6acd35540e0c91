/** qdisc `tbf`, a token bucket (linux/pkt_sched.h, TCA_TBF_*). */
import { at, attrs, type RawAttr } from "../attrs.ts";
import type { Codec } from "../codec.ts";
import { n64, u32 } from "../codec.ts";
import { struct } from "../struct.ts";
import { type RateSpec, rate64, rateSpec, wholeRate } from "./rate-spec.ts";

const parms = struct({ rate: rateSpec, peakrate: rateSpec, limit: u32, buffer: u32, mtu: u32 });
const table = attrs(() => ({
  parms: at<ReturnType<typeof parms.read>>(1, parms as Codec<ReturnType<typeof parms.read>>),
  rate64: at(4, n64),
  peakrate64: at(5, n64),
  burst: at(6, u32),
  minburst: at(7, u32),
}));

export interface Tbf {
  readonly rate?: RateSpec;
  readonly peakrate?: RateSpec;
  /** Bytes that wait at most. */
  readonly limit?: number;
  /** The bucket in ticks of 64 ns at the rate: how the kernel tells it. Its low 32 bits. */
  readonly buffer?: number;
  /** The peak's bucket in ticks of 64 ns. */
  readonly mtu?: number;
  /** The bucket in bytes, which goes before `buffer`; the kernel takes it and does not tell it. */
  readonly burst?: number | undefined;
  /** The peak's bucket in bytes, which goes before `mtu`. */
  readonly minburst?: number | undefined;
  readonly unknown?: readonly RawAttr[];
}

export const tbf = {
  read: (b: Uint8Array): Tbf => {
    const { parms: p, rate64: high, peakrate64: peak, ...rest } = table.read(b);
    if (!p) return rest;
    return { ...p, rate: wholeRate(p.rate, high), peakrate: wholeRate(p.peakrate, peak), ...rest };
  },
  write: ({ rate, peakrate, limit, buffer, mtu, ...rest }: Tbf): Uint8Array => {
    const p = { ...(rate && { rate }), ...(peakrate && { peakrate }), limit, buffer, mtu };
    return table.write({
      ...(rate && { parms: p as ReturnType<typeof parms.read> }),
      rate64: rate64(rate),
      peakrate64: rate64(peakrate),
      ...rest,
    });
  },
  locate: (b: Uint8Array, offset: number) => table.locate(b, offset),
};
