/** The ends of a lab's traffic: what `verify` sends from and to. */
import { FaultError } from "../base/fault.ts";
import { type Ip, parseIp } from "../base/ip.ts";
import { nearest } from "../base/nearest.ts";
import { inspectNetns } from "../kernel/os/netns.ts";
import { placeOf } from "./place.ts";
import { listLabs, readState } from "./state.ts";
import { defaults, labOf, nameFlag } from "./topology/lab.ts";

export interface LabEndpoint {
  /** `node1`, `pod-1`. */
  readonly name: string;
  readonly kind: "pod" | "node";
  /** The node it is, or is on. */
  readonly node: string;
  /** Path of its network namespace. */
  readonly netns: string;
  /** How a person runs a program in it, as root or not. */
  readonly enter: string;
  readonly ips: readonly Ip[];
}

const bare = (cidr: string): Ip => parseIp(cidr.replace(/\/\d+$/, ""));

/** Nodes first, then pods. @throws FaultError not-found when there is no such lab, bad-netns when part of it is gone */
export const labEndpoints = (name: string, base: string): LabEndpoint[] => {
  const state = readState(placeOf(name, base));
  if (!state) throw noLab(name, base);
  const lab = labOf(state.topology);
  const enter = (where: string): string => `podwire lab exec${nameFlag(name)} ${where} --`;
  const nodes = lab.nodes.map(
    (n): LabEndpoint => ({
      name: n.name,
      kind: "node",
      node: n.name,
      netns: n.netns,
      enter: enter(n.name),
      ips: n.addresses.map((a) => a.ip),
    }),
  );
  const pods = lab.nodes.flatMap((n) =>
    n.pods.map((p): LabEndpoint => {
      const ips = (state.podIps[p.name] ?? []).map(bare);
      return { name: p.name, kind: "pod", node: n.name, netns: p.netns, enter: enter(p.name), ips };
    }),
  );
  for (const { name: who, netns } of [...nodes, ...pods])
    if (inspectNetns(netns) === "missing") throw goneNetns(lab.name, who, netns);
  return [...nodes, ...pods];
};

/** The fault of every command that would look inside. */
export const goneNetns = (lab: string, who: string, path: string): FaultError =>
  new FaultError({
    kind: "bad-netns",
    path,
    why: `${who} of lab ${lab} is gone`,
    missing: true,
    fix: `podwire lab up${nameFlag(lab)}`,
  });

/** The fault of every command that needs a lab and finds none. */
export const noLab = (name: string, base: string): FaultError => {
  const others = listLabs(base);
  const close = nearest(name, others);
  const but = close
    ? `there is none of that name; did you mean ${close}?`
    : `there is none of that name, but ${others.join(", ")}`;
  return new FaultError({
    kind: "not-found",
    what: `lab ${name}`,
    why: others.length === 0 ? "there is no lab" : but,
    fix: close ? `podwire lab status${nameFlag(close)}` : `podwire lab up${nameFlag(name)}`,
  });
};

/** The lab a command means without a name: the default one, or the only one there is. */
export const chooseLab = (base: string): string => {
  const [first, ...more] = listLabs(base);
  return first !== undefined && more.length === 0 ? first : defaults.name;
};
