/** The plan as lines for a shell: what a person would have typed. Run as root, they make the same lab. */
import { quote } from "../../net/plan/quote.ts";
import { render } from "../../net/plan/render.ts";
import { type LabPlace, nodePlace } from "../place.ts";
import type { LabPlan, PlannedPod } from "./plan.ts";

/** The call of the network plugin for one pod, with the environment that the CNI spec wants. */
export const renderAdd = (place: LabPlace, { node, pod }: PlannedPod): string => {
  const at = nodePlace(place, node);
  const env = [
    "CNI_COMMAND=ADD",
    `CNI_CONTAINERID=${pod.containerId}`,
    `CNI_NETNS=${pod.netns}`,
    "CNI_IFNAME=eth0",
    `CNI_PATH=${at.binDir}`,
  ];
  const name = node.netns.slice(node.netns.lastIndexOf("/") + 1);
  return `ip netns exec ${name} env ${env.map(quote).join(" ")} ${quote(`${at.binDir}/bridge`)} < ${quote(at.confFile)}`;
};

export const renderLab = (place: LabPlace, plan: LabPlan): string[] => [
  `mkdir -p ${plan.dirs.map(quote).join(" ")}`,
  ...plan.files.map((f) => `printf '%s' ${quote(f.text)} > ${quote(f.path)}`),
  ...plan.links.map((l) => `ln -s ${quote(l.target)} ${quote(l.path)}`),
  ...plan.steps.map(render),
  ...plan.pods.flatMap((p) => [...p.steps.map(render), renderAdd(place, p)]),
];
