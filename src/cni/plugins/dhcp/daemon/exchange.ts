/** What acquiring and renewing have in common: messages go out, answers come in, time passes, and at last it ends. */
import type { Ip } from "../../../../base/ip.ts";
import type { Mac } from "../../../../base/mac.ts";
import type { DhcpMessage } from "../../../../kernel/codec/dhcp/message.ts";
import type { Grant } from "../lease.ts";

/** A message to send: to all, or to the one server. */
export interface Outgoing {
  readonly message: DhcpMessage;
  readonly to?: { readonly ip: Ip; readonly mac: Mac };
}

export type Ending =
  | { readonly is: "granted"; readonly grant: Grant }
  /** No server gave a lease in time; `why` says what was heard. */
  | { readonly is: "silent"; readonly why: string }
  /** What was held may not be used any more. */
  | { readonly is: "lost"; readonly why: string };

/** What comes of an event. */
export interface Move {
  readonly send?: Outgoing;
  readonly end?: Ending;
}

export interface Exchange {
  /** When to call `wake`, at the latest. */
  readonly dueAt: number;
  /** False while it only waits to try again: then no socket need be open. */
  readonly listening: boolean;
  wake(now: number): Move;
  /** `from` is the card that the answer came from. */
  receive(now: number, message: DhcpMessage, from: Mac): Move;
}

/** Chance, as a number for a conversation and from 0 to 1. */
export interface Chance {
  xid(): number;
  unit(): number;
}
