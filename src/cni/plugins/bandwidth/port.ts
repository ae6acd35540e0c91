/** Finds the host's end of the pod's veth. */
import { FaultError } from "../../../base/fault.ts";
import type { Kernel } from "../../../net/kernel.ts";
import { findLink, findLinkByIndex, type Link } from "../../../net/links.ts";
import type { Request, Result } from "../../spec/types.ts";

/** The other end of the pod's interface, which an earlier plugin must have told of. @throws FaultError not-found, unsupported, bad-config */
export const findPort = (kernel: Kernel, r: Request<unknown>, prev: Result): Link => {
  const pod = findLink(kernel.open(r.netns), r.ifname);
  if (!pod)
    throw new FaultError({
      kind: "not-found",
      what: `interface ${r.ifname} in ${r.netns}`,
      why: "is not there: bandwidth stands in a chain behind the plugin that makes it",
    });
  const other = pod.kind === "veth" && pod.peer !== undefined ? findLinkByIndex(kernel.host, pod.peer) : undefined;
  if (other?.kind !== "veth" || other.peer !== pod.index)
    throw new FaultError({
      kind: "unsupported",
      key: "type",
      value: "bandwidth",
      why: `${r.ifname} in the pod is ${words(pod)}; its traffic can be limited only where it passes this host's end of a veth pair`,
    });
  if (prev.interfaces.some((x) => !x.sandbox && x.name === other.name)) return other;
  throw new FaultError({
    kind: "bad-config",
    at: "prevResult.interfaces",
    why: `has no ${other.name}, which is this host's end of ${r.ifname}`,
  });
};

const words = ({ kind }: Link): string =>
  kind === "veth" ? "a veth whose other end is not on this host" : `a ${kind ?? "plain device"}, not a veth`;
