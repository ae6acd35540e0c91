/** Nodes of a lab as checks see them. */
import type { Kernel } from "../net/kernel.ts";
import { type Host, openHost } from "../node/host.ts";
import { type LabPlace, nodePlace } from "./place.ts";
import type { LabState } from "./state.ts";
import { type LabNode, labOf } from "./topology/lab.ts";

export interface LabHost {
  readonly node: LabNode;
  readonly host: Host;
}

/** @throws FaultError bad-netns when a node is gone */
export const labHosts = (kernel: Kernel, place: LabPlace, state: LabState): LabHost[] =>
  labOf(state.topology).nodes.map((node) => ({
    node,
    host: openHost({
      ns: kernel.open(node.netns),
      name: node.name,
      kind: "lab-node",
      overlay: nodePlace(place, node).rootDir,
    }),
  }));
