/** Verdicts as the kernel numbers them. */
import { type VerdictName, verdictCode } from "../../../kernel/codec/nft/data.ts";
import type { Verdict } from "../../../net/nft/types.ts";

const names = new Map(Object.entries(verdictCode).map(([name, code]) => [code as number, name as VerdictName]));

/** NF_QUEUE has its number in the upper half. */
const plain = (code: number): number => (code > 255 ? code & 255 : code);

export const verdictOf = (v: { readonly code?: number | undefined; readonly chain?: string | undefined }): Verdict => ({
  verdict: names.get(plain(v.code ?? 0)) ?? "drop",
  ...(v.chain !== undefined && { chain: v.chain }),
});
