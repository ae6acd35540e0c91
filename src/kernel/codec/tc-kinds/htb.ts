/** qdisc `htb`, classes that share a rate, and its classes (linux/pkt_sched.h, TCA_HTB_*). */
import { at, attrs, type RawAttr } from "../attrs.ts";
import { type Codec, n64, u32 } from "../codec.ts";
import { struct } from "../struct.ts";
import { type RateSpec, rate64, rateSpec, wholeRate } from "./rate-spec.ts";

const glob = struct({ version: u32, rate2quantum: u32, defaultClass: u32, debug: u32, directPackets: u32 });
type Glob = ReturnType<typeof glob.read>;

/** `defaultClass` is a minor number; `version` has to be 3. */
export const htb = attrs({ init: at<Glob>(2, glob as Codec<Glob>), directQlen: at(5, u32) });

const opt = struct({
  rate: rateSpec,
  ceil: rateSpec,
  buffer: u32,
  cbuffer: u32,
  quantum: u32,
  level: u32,
  prio: u32,
});
type Opt = ReturnType<typeof opt.read>;
const table = attrs({ parms: at<Opt>(1, opt as Codec<Opt>), rate64: at(6, n64), ceil64: at(7, n64) });

export interface HtbClass {
  readonly rate?: RateSpec;
  readonly ceil?: RateSpec;
  /** Buckets of rate and ceil in ticks of 64 ns. */
  readonly buffer?: number;
  readonly cbuffer?: number;
  /** Bytes in one go; 0 has the kernel choose. */
  readonly quantum?: number;
  /** 0 is a leaf; told, not asked for. */
  readonly level?: number;
  readonly prio?: number;
  readonly unknown?: readonly RawAttr[];
}

export const htbClass = {
  read: (b: Uint8Array): HtbClass => {
    const { parms, rate64: high, ceil64, ...rest } = table.read(b);
    if (!parms) return rest;
    return { ...parms, rate: wholeRate(parms.rate, high), ceil: wholeRate(parms.ceil, ceil64), ...rest };
  },
  write: ({ rate, ceil, buffer, cbuffer, quantum, level, prio, ...rest }: HtbClass): Uint8Array => {
    const p = { ...(rate && { rate }), ...(ceil && { ceil }), buffer, cbuffer, quantum, level, prio };
    return table.write({ ...(rate && { parms: p as Opt }), rate64: rate64(rate), ceil64: rate64(ceil), ...rest });
  },
  locate: (b: Uint8Array, offset: number) => table.locate(b, offset),
};
