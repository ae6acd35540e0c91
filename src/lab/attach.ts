/** One pod joins the network: the plugin of its node, called in the node's namespace as a container runtime calls it. */
import { FaultError } from "../base/fault.ts";
import type { Kernel } from "../net/kernel.ts";
import { type LabPlace, nodePlace } from "./place.ts";
import type { PlannedPod } from "./plan/plan.ts";

/** Addresses that the pod was given. */
export type Attach = (planned: PlannedPod) => Promise<readonly string[]>;

export const attachWith =
  (kernel: Kernel, place: LabPlace): Attach =>
  async ({ node, pod }) => {
    const at = nodePlace(place, node);
    const child = kernel.open(node.netns).enter(() =>
      Bun.spawn([`${at.binDir}/bridge`], {
        stdin: Bun.file(at.confFile),
        stdout: "pipe",
        stderr: "inherit",
        env: {
          PATH: process.env.PATH ?? "/usr/sbin:/usr/bin:/sbin:/bin",
          CNI_COMMAND: "ADD",
          CNI_CONTAINERID: pod.containerId,
          CNI_NETNS: pod.netns,
          CNI_IFNAME: "eth0",
          CNI_PATH: at.binDir,
        },
      }),
    );
    const [text, code] = await Promise.all([new Response(child.stdout).text(), child.exited]);
    if (code === 0) return (JSON.parse(text) as { ips: { address: string }[] }).ips.map((ip) => ip.address);
    let said = { code, msg: text.trim() || `ended with status ${code}` };
    try {
      said = JSON.parse(text);
    } catch {
      // not an error object: its own words are told
    }
    throw new FaultError({ kind: "plugin", plugin: `bridge (${pod.name} on ${node.name})`, ...said });
  };
