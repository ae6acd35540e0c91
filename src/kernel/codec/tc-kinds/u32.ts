/** filter `u32`: words of a packet compared with words (linux/pkt_cls.h, TCA_U32_*, struct tc_u32_sel). */
import { concatBytes } from "../../../base/bytes.ts";
import { at, attrs } from "../attrs.ts";
import { be16, be32, type Codec, raw, s16, s32, u8, u16, u32 as word } from "../codec.ts";
import { struct } from "../struct.ts";
import { actions } from "./actions.ts";

/** TC_U32_TERMINAL: what matches has found its class, and goes no further. */
export const U32_TERMINAL = 1;

const head = struct({
  flags: u8,
  offshift: u8,
  nkeys: u8,
  _pad: u8,
  offmask: be16,
  off: u16,
  offoff: s16,
  hoff: s16,
  hmask: be32,
});
const key = struct({ mask: be32, value: be32, off: s32, offmask: s32 });

/** The word `off` bytes behind the network header, under `mask`, is `value`. */
export interface U32Key {
  readonly mask: number;
  readonly value: number;
  readonly off: number;
  readonly offmask?: number;
}
export interface U32Selector extends Partial<Omit<ReturnType<typeof head.read>, "nkeys">> {
  readonly keys: readonly U32Key[];
}

const selector: Codec<U32Selector> = {
  fits: (n) => n >= head.size,
  read: (b) => {
    const { nkeys, ...rest } = head.read(b);
    const whole = Math.min(nkeys, Math.floor((b.length - head.size) / key.size));
    const at = (i: number): number => head.size + i * key.size;
    const keys = Array.from({ length: whole }, (_, i) => key.read(b.subarray(at(i), at(i + 1))));
    return { ...rest, keys };
  },
  write: ({ keys, ...rest }) =>
    concatBytes([head.write({ ...rest, nkeys: keys.length }), ...keys.map((k) => key.write(k))]),
};

export const u32 = attrs(() => ({
  classid: at(1, word),
  hash: at(2, word),
  link: at(3, word),
  divisor: at(4, word),
  sel: at(5, selector),
  act: at(7, actions),
  /** Counters of the selector: told, not asked for. */
  counters: at(9, raw),
  flags: at(11, word),
}));
