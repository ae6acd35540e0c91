/** CHECK of a pod's veth pair: both ends there, up, as the result tells them, and each other's. */
import type { Kernel } from "../../net/kernel.ts";
import { findLink, type Link } from "../../net/links.ts";
import type { Findings } from "../findings.ts";
import type { Result, ResultInterface } from "../spec/types.ts";
import { interfaceThat, partOf, podInterface } from "./check-pod.ts";
import type { PodLink } from "./plan-pod.ts";

/** The two ends in a result to which later plugins may have added theirs. */
export interface ToldVeth {
  readonly host: ResultInterface;
  readonly pod: ResultInterface;
  /** The part of the result that is about the pod's end. */
  readonly own: Result;
}

/** @throws FaultError bad-config */
export const toldVeth = (prev: Result, pod: PodLink): ToldVeth => {
  const end = podInterface(prev, pod);
  const host = interfaceThat(prev, "host's end of the veth", (x) => !x.sandbox && x.name.startsWith("veth"));
  return { host, pod: end, own: partOf(prev, end) };
};

/** What the config says of it. */
export interface VethWants {
  readonly mtu?: number | undefined;
  /** False: the pod's end is left down. */
  readonly podUp: boolean;
}

/** Gives the ends that are there. */
export const checkVeth = (
  kernel: Kernel,
  { netns, ifname }: PodLink,
  told: ToldVeth,
  { mtu, podUp }: VethWants,
  found: Findings,
): { readonly host?: Link; readonly pod?: Link } => {
  const host = findLink(kernel.host, told.host.name);
  const pod = findLink(kernel.open(netns), ifname);
  if (!host) found.gone(`host's end ${told.host.name}`);
  else {
    found.same(`MAC of ${host.name}`, host.mac, told.host.mac);
    found.up(host, "");
    found.same(`mtu of ${host.name}`, host.mtu, mtu);
  }
  if (!pod) found.gone(`${ifname} in ${netns}`);
  else {
    found.same(`MAC of ${ifname} in the pod`, pod.mac, told.pod.mac);
    found.same(`mtu of ${ifname} in the pod`, pod.mtu, told.pod.mtu ?? mtu);
    if (podUp) found.up(pod, netns);
    if (host && (pod.peer !== host.index || host.peer !== pod.index))
      found.differs(`other end of ${ifname}`, `link ${pod.peer ?? "none"}`, host.name);
  }
  return { ...(pod && { pod }), ...(host && { host }) };
};
