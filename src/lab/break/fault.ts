/**
 * A fault: one way in which a node of a lab can be broken, one file in faults/ and one line in its registry. It says what
 * to change; break.ts does it, and heal.ts takes it back.
 */
import type { Probe } from "../../kernel/probe/answer.ts";
import type { Step } from "../../net/plan/step.ts";
import type { Host } from "../../node/host.ts";
import type { Network } from "../../node/ports/row.ts";
import type { NodePlace } from "../place.ts";
import type { Lab, LabNode } from "../topology/lab.ts";

/** The node that is to be broken, and what is around it. */
export interface Ground {
  readonly lab: Lab;
  readonly node: LabNode;
  readonly host: Host;
  readonly at: NodePlace;
  /** Of the other nodes, in the lab's order. */
  readonly others: readonly Pick<Ground, "node" | "host">[];
}

/** A file of the node as the node sees it (`/etc/hostname`): its new text, or that it is no more. */
export interface FileChange {
  readonly path: string;
  readonly to: { readonly text: string } | "gone";
}

/** A process inside the node that goes by the name of another program, and may sit on a port of all addresses. */
export interface StandIn {
  /** As in /proc/PID/comm: 15 characters at most. */
  readonly name: string;
  readonly listen?: { readonly protocol: "tcp" | "udp"; readonly port: number };
}

export interface Changes {
  /** Of the kernel, in the node or in the underlay. */
  readonly steps?: readonly Step[];
  readonly files?: readonly FileChange[];
  readonly processes?: readonly StandIn[];
}

export interface LabFault {
  /** Words with hyphens: `podwire lab break NAME`. */
  readonly name: string;
  /** What is wrong then: "the node does not forward packets". */
  readonly title: string;
  /** Where to look, for one who wants to find it without being told. */
  readonly hint: string;
  /** Ids of exactly those checks that find it. */
  readonly foundBy: readonly string[];
  /** Found only when nodes try each other, in a cluster with these parts: `podwire lab check --peers --network ...`. */
  readonly peers?: readonly Network[];
  /** What the kernel must have for it. */
  readonly needs?: Probe;
  /** Looks and decides; changes nothing. @throws FaultError unavailable where this lab has nothing to break */
  readonly break: (ground: Ground) => Changes;
}
