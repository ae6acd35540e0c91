/** Is the namespace the one we think? Asked before anything is touched: a recycled PID can make it the host's own. */
import { FaultError } from "../base/fault.ts";
import type { ActingVerb, Env } from "./request.ts";

export type NetnsKind = "own" | "other" | "missing" | "not-a-netns";

export interface NetnsProbe {
  /** `own` is the namespace of this process, `other` any different one. */
  inspect(path: string): NetnsKind;
}

/** The runtime makes the namespace before it asks for the network (spec 1.1.0, section 2 "Lifecycle & Ordering"). */
const fixOf = (path: string): string => {
  const name = /^(?:\/var)?\/run\/netns\/([^/]+)$/.exec(path)?.[1];
  return name === undefined ? "lsns -t net" : `ip netns add ${name}`;
};

/**
 * The path to go on with: `""` when DEL finds the namespace gone, which is fine.
 * CNI_NETNS_OVERRIDE (`1` or `true`) lets ADD and DEL work on our own namespace.
 * @throws FaultError bad-netns
 */
export const checkNetns = (verb: ActingVerb, env: Env, probe: NetnsProbe): string => {
  const path = verb === "GC" || verb === "STATUS" ? "" : (env.CNI_NETNS ?? "");
  if (path === "") return "";
  const kind = probe.inspect(path);
  if (kind === "own" && verb !== "CHECK" && !/^(1|true)$/i.test(env.CNI_NETNS_OVERRIDE ?? ""))
    throw new FaultError({
      kind: "bad-netns",
      path,
      why: "is the one this plugin runs in, not a container's; CNI_NETNS_OVERRIDE=1 allows it",
    });
  if (kind === "own" || kind === "other") return path;
  // After a reboot the mount is gone and the empty file it stood on may remain.
  if (verb === "DEL") return "";
  throw new FaultError(
    kind === "missing"
      ? { kind: "bad-netns", path, why: "does not exist", missing: true, fix: fixOf(path) }
      : { kind: "bad-netns", path, why: "is there but is not a network namespace", fix: "lsns -t net" },
  );
};
