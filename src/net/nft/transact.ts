/** Carries out a list of changes: all of them, or none. */
import { FaultError } from "../../base/fault.ts";
import type { Message } from "../../kernel/codec/message.ts";
import { batchMessage, genMessage, NFNL_BATCH, NFT_MSG, ruleMessage } from "../../kernel/codec/nft/messages.ts";
import type { NetlinkRequest } from "../../kernel/conn/netlink.ts";
import type { Op } from "../../kernel/os/syscall.ts";
import type { Netns } from "../kernel.ts";
import { encodeChange } from "./encode.ts";
import { renderChanges } from "./render-change.ts";
import type { NftChange } from "./types.ts";

export interface Transacted {
  /** Handles of the rules that were added, in order. */
  readonly handles: readonly number[];
}

export interface TransactOptions {
  /** The rulesets' generation that the changes were planned on: another one now refuses them all, with ERESTART. */
  readonly generation?: number;
  readonly op?: Op;
}

/** The number that grows with every change to any ruleset of the namespace. */
export const generation = (ns: Netns): number => {
  const payload = genMessage.write({});
  const m = ns.nf.get({ type: NFT_MSG.getGen, payload, op: "nft list ruleset" });
  return genMessage.read(m.payload).id ?? 0;
};

const edge = (type: number, genid: number | undefined, op: Op): NetlinkRequest => ({
  type,
  op,
  payload: batchMessage.write({ resId: NFNL_BATCH.subsystem, ...(genid !== undefined && { genid }) }),
});

/** @throws FaultError kernel, permission, unavailable; nothing is changed then */
export const transact = (ns: Netns, changes: readonly NftChange[], options: TransactOptions = {}): Transacted => {
  const requests = changes.flatMap(encodeChange);
  if (requests.length === 0) return { handles: [] };
  const op = options.op ?? (() => renderChanges(changes));
  const begin = edge(NFNL_BATCH.begin, options.generation, op);
  const end = edge(NFNL_BATCH.end, undefined, op);
  return { handles: handlesOf(send(ns, begin, requests, end)) };
};

const send = (ns: Netns, begin: NetlinkRequest, rs: readonly NetlinkRequest[], end: NetlinkRequest): Message[] => {
  try {
    return ns.nf.transaction(begin, rs, end);
  } catch (error) {
    // A kernel without nf_tables does not know the messages at all.
    if (error instanceof FaultError && error.fault.kind === "kernel" && error.fault.errno === "EINVAL" && !hasNft(ns))
      throw new FaultError({ kind: "unavailable", why: "this kernel has no nf_tables", fix: "modprobe nf_tables" });
    throw error;
  }
};

/** Whether the kernel answers nf_tables at all. */
export const hasNft = (ns: Netns): boolean => {
  try {
    generation(ns);
    return true;
  } catch (error) {
    if (error instanceof FaultError && error.fault.kind === "kernel") return false;
    throw error;
  }
};

const handlesOf = (echoed: readonly Message[]): number[] =>
  echoed.filter((m) => m.type === NFT_MSG.newRule).map((m) => ruleMessage.read(m.payload).handle ?? 0);
