/** Actions of a filter (linux/pkt_cls.h, TCA_ACT_*): a list, in order. A kind not listed keeps its options as bytes. */
import { concatBytes } from "../../../base/bytes.ts";
import { at, attrs, NLA_F_NESTED, type RawAttr, splitAttrs, writeAttr } from "../attrs.ts";
import { type Codec, n64, raw, str, u32 } from "../codec.ts";
import { mirred } from "./mirred.ts";

type Mirred = ReturnType<typeof mirred.read>;
interface Rest {
  readonly index?: number | undefined;
  readonly flags?: number | undefined;
  readonly unknown?: readonly RawAttr[];
}
export type Action =
  | ({ readonly kind: "mirred"; readonly data?: Mirred } & Rest)
  | ({ readonly kind: string; readonly rawData?: Uint8Array } & Rest);

const action = attrs(() => ({
  kind: at(1, str),
  options: at(2 | NLA_F_NESTED, raw),
  index: at(3, u32),
  flags: at(7, n64),
}));

const readAction = (b: Uint8Array): Action => {
  const { kind = "", options, ...rest } = action.read(b);
  if (!options) return { kind, ...rest };
  return kind === "mirred" ? { kind, data: mirred.read(options), ...rest } : { kind, rawData: options, ...rest };
};

const writeAction = (a: Action): Uint8Array => {
  const { kind, index, flags, unknown } = a;
  const options = "rawData" in a ? a.rawData : "data" in a && a.data ? mirred.write(a.data) : undefined;
  return action.write({ kind, options, index, flags, ...(unknown && { unknown }) });
};

/** Each stands under its number, from 1. */
export const actions: Codec<readonly Action[]> = {
  read: (b) => splitAttrs(b).map((a) => readAction(a.data)),
  write: (list) => concatBytes(list.map((a, i) => writeAttr(i + 1, writeAction(a)))),
};
