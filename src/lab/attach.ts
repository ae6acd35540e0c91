/** One pod joins the network: the runtime calls the plugin of its node, in the node's namespace, as a kubelet's does. */
import { cidrText } from "../base/cidr.ts";
import { openRuntime } from "../cni/runtime/runtime.ts";
import type { LoadedNetwork, Runtime } from "../cni/runtime/types.ts";
import type { Kernel } from "../net/kernel.ts";
import { type LabPlace, nodePlace } from "./place.ts";
import type { PlannedPod } from "./plan/plan.ts";
import type { LabNode } from "./topology/lab.ts";

/** Addresses that the pod was given, with their prefixes. */
export type Attach = (planned: PlannedPod) => Promise<readonly string[]>;

export interface AttachOptions {
  /** Gets what plugins write to stderr. */
  readonly log: (line: string) => void;
  /** Ends what runs and starts nothing more. */
  readonly signal?: AbortSignal | undefined;
}

export const attachWith = (kernel: Kernel, place: LabPlace, { log, signal }: AttachOptions): Attach => {
  const nodes = new Map<LabNode, { runtime: Runtime; network: LoadedNetwork }>();
  const open = (node: LabNode) => {
    const { confDir, binDir, cacheDir } = nodePlace(place, node);
    const enter = <T>(act: () => T): T => kernel.open(node.netns).enter(act);
    const runtime = openRuntime({
      confDir,
      path: [binDir],
      cacheDir,
      enter,
      log: (line) => log(`${node.name}: ${line}`),
      ...(signal ? { signal } : {}),
    });
    const opened = { runtime, network: runtime.network() };
    nodes.set(node, opened);
    return opened;
  };
  return async ({ node, pod }) => {
    const { runtime, network } = nodes.get(node) ?? open(node);
    const result = await runtime.add(network, { containerId: pod.containerId, netns: pod.netns, ifname: "eth0" });
    return result.ips.map((ip) => cidrText(ip.address));
  };
};
