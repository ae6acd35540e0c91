/** Nodes of a lab as checks see them. */
import { join } from "node:path";
import { readFileSync } from "../kernel/os/files.ts";
import type { Kernel } from "../net/kernel.ts";
import { type Host, openHost } from "../node/host.ts";
import { type LabPlace, nodePlace } from "./place.ts";
import type { LabState } from "./state.ts";
import { type LabNode, labOf } from "./topology/lab.ts";

export interface LabHost {
  readonly node: LabNode;
  readonly host: Host;
}

/** A namespace of the network has no name of its own: a node is called what its /etc/hostname says. */
const nameIn = (rootDir: string): string | undefined => {
  try {
    return readFileSync(join(rootDir, "etc/hostname")).trim() || undefined;
  } catch {
    return undefined;
  }
};

/** @throws FaultError bad-netns when a node is gone */
export const labHosts = (kernel: Kernel, place: LabPlace, state: LabState): LabHost[] =>
  labOf(state.topology).nodes.map((node) => {
    const overlay = nodePlace(place, node).rootDir;
    const name = nameIn(overlay) ?? node.name;
    return { node, host: openHost({ ns: kernel.open(node.netns), name, kind: "lab-node", overlay }) };
  });
