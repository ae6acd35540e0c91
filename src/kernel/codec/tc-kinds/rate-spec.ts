/** struct tc_ratespec (linux/pkt_sched.h) with the 64 bits that a rate has in an attribute of its own. */
import { s16, u8, u16, u32 } from "../codec.ts";
import { struct } from "../struct.ts";

const words = struct({ cellLog: u8, linklayer: u8, overhead: u16, cellAlign: s16, mpu: u16, rate: u32 });
const most32 = 0xffff_ffff;

/** TC_LINKLAYER_ETHERNET: sizes count as they are. */
export const linklayerEthernet = 1;

export interface RateSpec {
  /** Bytes a second; 0 is none. */
  readonly rate: number;
  readonly linklayer?: number;
  /** Bytes that each packet counts more than it has. */
  readonly overhead?: number;
  /** Bytes that a packet counts at least. */
  readonly mpu?: number;
  /** For the rate table that `tc` still sends and kernels no longer use. */
  readonly cellLog?: number;
  readonly cellAlign?: number;
}

/** The struct alone; a rate beyond 32 bits is written as all ones, and `rate64` is to be sent beside it. */
export const rateSpec = {
  size: words.size,
  get: (v: DataView, at: number): RateSpec => words.read(new Uint8Array(v.buffer, v.byteOffset + at, words.size)),
  put: (v: DataView, at: number, r: RateSpec): void => {
    const bytes = words.write({ ...r, rate: Math.min(r.rate, most32) });
    new Uint8Array(v.buffer, v.byteOffset + at, words.size).set(bytes);
  },
  read: (b: Uint8Array): RateSpec => words.read(b),
  write: (r: RateSpec): Uint8Array => words.write({ ...r, rate: Math.min(r.rate, most32) }),
};

/** What the 64-bit attribute says, where there has to be one. */
export const rate64 = (r: RateSpec | undefined): number | undefined =>
  r !== undefined && r.rate > most32 ? r.rate : undefined;

/** Both parts as one rate. */
export const wholeRate = (r: RateSpec, high: number | undefined): RateSpec => (high ? { ...r, rate: high } : r);
