/** NFTA_DATA_*: what a register, an element or a comparison holds: bytes, or a verdict (linux/netfilter/nf_tables.h). */
import { at, attrs, NLA_F_NESTED } from "../attrs.ts";
import { raw, sbe32, str } from "../codec.ts";

/** NF_* and NFT_* verdict codes. */
export const verdictCode = {
  drop: 0,
  accept: 1,
  queue: 3,
  continue: -1,
  break: -2,
  jump: -3,
  goto: -4,
  return: -5,
} as const;
export type VerdictName = keyof typeof verdictCode;

const verdict = attrs({ code: at(1, sbe32), chain: at(2, str) });
/** One of the two. */
export const nftData = attrs({ value: at(1, raw), verdict: at(2 | NLA_F_NESTED, verdict) });
export type NftData = ReturnType<typeof nftData.read>;
