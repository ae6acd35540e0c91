/** What a run between nodes found, before anyone judges it. Places of nodes are those in `nodes`. */
import type { Network } from "../../ports/row.ts";
import type { PeerFacts } from "../talk/facts.ts";
import type { DoorState, PathFound, Tried } from "../traffic/tried.ts";
import type { Planned } from "./plan.ts";

export interface ClockReading {
  /** Milliseconds by which the node's clock is ahead of ours. */
  readonly offset: number;
  /** Milliseconds that the answer took: the offset is known to half of it. */
  readonly trip: number;
}

export interface PeerNode {
  /** Its name; with its address, when two have the same name. */
  readonly label: string;
  readonly facts: PeerFacts;
  /** Absent when it was gone before. */
  readonly clock?: ClockReading;
}

export interface TriedOne extends Planned {
  /** Absent when one of the two was gone before it could be told. */
  readonly end?: Tried;
  readonly arrived: boolean;
  readonly state?: DoorState;
}

export interface PathOne {
  readonly from: number;
  readonly to: number;
  readonly family: 4 | 6;
  readonly found?: PathFound;
}

/** A node that did not come, or went. */
export interface Lost {
  readonly who: string;
  readonly why: string;
}

export interface Found {
  readonly nodes: readonly PeerNode[];
  readonly networks: readonly Network[];
  readonly tried: readonly TriedOne[];
  readonly paths: readonly PathOne[];
  readonly apart: readonly (readonly [number, number])[];
  readonly lost: readonly Lost[];
  /** How many others were expected; absent when nobody said. */
  readonly expected?: number;
}
