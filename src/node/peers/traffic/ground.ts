/** What the parts of a node's traffic share: its namespace, its loop, the run's key, and what has arrived. */
import type { Loop } from "../../../kernel/os/loop.ts";
import type { Netns } from "../../../net/kernel.ts";
import type { Tried, Try } from "./tried.ts";

export interface Ground {
  readonly ns: Netns;
  readonly loop: Loop;
  /** Of this run: 32 bytes that its nodes alone know. */
  readonly key: Uint8Array;
  /** Ids of requests that came in here. */
  readonly arrived: Set<number>;
  /** Things that go on and want the loop to turn fast. */
  busy: number;
}

/** A try on its way. */
export interface Flight {
  readonly try: Try;
  /** Milliseconds, of the monotonic clock. */
  startedAt: number;
  done: boolean;
  /** Gives back what it holds. */
  release?: () => void;
  /** The first call counts. */
  readonly land: (end: Omit<Tried, "id">) => void;
}

export const microsSince = (startedAt: number): number => Math.round((performance.now() - startedAt) * 1000);

/** Share of the time allowed after which a datagram that went unanswered is sent once more. */
export const retryAt = 0.4;

/** EAGAIN, ENOBUFS: the queue before a neighbour that is being looked for is full for the moment. */
export const worthRetry: ReadonlySet<number> = new Set([-11, -105]);
