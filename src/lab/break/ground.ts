/** The node that is to be broken, with what is around it. */
import { FaultError } from "../../base/fault.ts";
import { nearest } from "../../base/nearest.ts";
import type { Kernel } from "../../net/kernel.ts";
import { labHosts } from "../hosts.ts";
import { type LabPlace, nodePlace } from "../place.ts";
import type { LabState } from "../state.ts";
import { labOf, nameFlag } from "../topology/lab.ts";
import type { Ground } from "./fault.ts";

/** Without a name: of the first worker, or of the only node. @throws FaultError not-found, bad-netns */
export const groundOf = (kernel: Kernel, place: LabPlace, state: LabState, name: string | undefined): Ground => {
  const lab = labOf(state.topology);
  const hosts = labHosts(kernel, place, state);
  const chosen =
    name === undefined
      ? (hosts.find(({ node }) => node.role === "worker") ?? hosts[0])
      : hosts.find(({ node }) => node.name === name);
  if (chosen) {
    const others = hosts.filter((h) => h !== chosen);
    return { lab, node: chosen.node, host: chosen.host, at: nodePlace(place, chosen.node), others };
  }
  const names = lab.nodes.map((n) => n.name);
  const close = nearest(name ?? "", names);
  const why = `lab ${lab.name} has ${names.join(", ")}${close ? `; did you mean ${close}?` : ""}`;
  throw new FaultError({
    kind: "not-found",
    what: name ?? "node",
    why,
    fix: `podwire lab status${nameFlag(lab.name)}`,
  });
};
