/** A probe on its way: what is known of it so far. */
import type { Ip } from "../base/ip.ts";
import type { Probe } from "./plan.ts";

export interface Flight {
  readonly probe: Probe;
  /** Milliseconds, of the monotonic clock. */
  startedAt: number;
  done: boolean;
  /** The request was seen at an endpoint: which (its place), and under which source address. */
  arrivedAt?: number;
  seen?: Ip;
  /** Where the answer came from, when that is not where the request went. */
  answeredFrom?: Ip;
  /** Gives back what it holds, when it lands. */
  release?: () => void;
  /** TCP: the handshake is through. */
  connected: boolean;
  /** The last send's error that is worth another try, such as ENOBUFS. */
  lastErrno?: string;
  error?: string;
  micros?: number;
}

export const newFlight = (probe: Probe): Flight => ({ probe, startedAt: 0, done: false, connected: false });
