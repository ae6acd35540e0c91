/**
 * When an interface goes, its addresses are given back after it: else a second pod could be given one while the first still
 * has it. An IPAM plugin that works through the interface goes before it, and takes the address off itself
 * (docs/decisions/0008-dhcp-gives-back-first.md).
 */
import type { Delegate } from "../plugin.ts";
import type { Request } from "../spec/types.ts";

/** Both are to be called, one before the interface goes and one after it; the one whose turn it is not does nothing. */
export interface GivingBack {
  before(): Promise<void>;
  after(): Promise<void>;
}

/** `ipam` undefined: there is nothing to give back. */
export const givingBack = (
  delegate: Delegate,
  ipam: string | undefined,
  r: Request<unknown>,
  verb: "del" | "gc" = "del",
): GivingBack => {
  const first = ipam !== undefined && delegate.worksThroughLink(ipam);
  const when = (turn: boolean) => async () => {
    if (ipam !== undefined && turn) await delegate[verb](ipam, r);
  };
  return { before: when(first), after: when(!first) };
};
