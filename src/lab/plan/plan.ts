/** Everything that `lab up` is about to do, as data, in the order it is done. */

import { join } from "node:path";
import type { Step } from "../../net/plan/step.ts";
import { type LabPlace, nodePlace } from "../place.ts";
import type { PluginFile } from "../plugins.ts";
import type { Lab, LabNode, LabPod } from "../topology/lab.ts";
import { nodeConfig } from "./config.ts";
import { ownFiles, ownFolders, ownLinks } from "./identity.ts";
import { planRoutes } from "./routes.ts";
import { planPod, planUnderlay } from "./underlay.ts";

export interface PlannedPod {
  readonly node: LabNode;
  readonly pod: LabPod;
  /** Makes the namespace; the network plugin does the rest. */
  readonly steps: readonly Step[];
}

export interface LabPlan {
  readonly dirs: readonly string[];
  readonly files: readonly { readonly path: string; readonly text: string }[];
  /** Symbolic links to the plugin executables, for each node. */
  readonly links: readonly { readonly path: string; readonly target: string }[];
  /** Underlay, nodes, routes. */
  readonly steps: readonly Step[];
  readonly pods: readonly PlannedPod[];
}

export const planLab = (lab: Lab, place: LabPlace, plugins: readonly PluginFile[]): LabPlan => {
  const nodes = lab.nodes.map((node) => ({ node, at: nodePlace(place, node) }));
  return {
    dirs: nodes.flatMap(({ at }) => [at.confDir, at.binDir, at.dataDir, at.cacheDir, ...ownFolders(at)]),
    files: nodes.flatMap(({ node, at }) => [
      { path: at.confFile, text: `${JSON.stringify(nodeConfig(lab, node, at.dataDir), null, 2)}\n` },
      ...ownFiles(lab, node, at),
    ]),
    links: nodes.flatMap(({ at }) => [
      ...plugins.map(({ name, file }) => ({ path: join(at.binDir, name), target: file })),
      ...ownLinks(at),
    ]),
    steps: [...planUnderlay(lab), ...planRoutes(lab)],
    pods: lab.nodes.flatMap((node) => node.pods.map((pod) => ({ node, pod, steps: planPod(pod.netns) }))),
  };
};
