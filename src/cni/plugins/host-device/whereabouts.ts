/** Where a device is that went into a pod: known again by what a pod cannot give to another link. */
import { IFF } from "../../../kernel/codec/route/link.ts";
import { ownNetnsCookie } from "../../../kernel/os/netns.ts";
import type { Kernel, Netns } from "../../../net/kernel.ts";
import { findLinkByIndex, type Link, listLinks, needLink } from "../../../net/links.ts";
import { openIfThere } from "../../attach/veths.ts";
import { deviceMarks, isMark, type Owner } from "../../mark.ts";
import type { Place } from "./home.ts";
import type { Memory, Whereabouts } from "./memory.ts";

const netnsIdOf = (ns: Netns): string => ns.enter(ownNetnsCookie);

/** Where it will be: a link keeps its index where that is free. Written before the move, it outlives a crash after it. */
export const foresee = (pod: Netns, link: Link): Whereabouts | undefined =>
  findLinkByIndex(pod, link.index) ? undefined : { netnsId: netnsIdOf(pod), index: link.index };

/** Where it has come to, when that is more than was foreseen. */
export const look = (pod: Netns, name: string, foreseen: Whereabouts | undefined): Whereabouts | undefined => {
  const { index, peer, peerNetnsid } = needLink(pod, name);
  if (foreseen?.index === index && peer === undefined) return undefined;
  return {
    netnsId: foreseen?.netnsId ?? netnsIdOf(pod),
    index,
    ...(peer !== undefined && { peer }),
    ...(peerNetnsid !== undefined && { peerNetnsid }),
  };
};

/** No pod can make one; every namespace has a loopback interface. */
export const isPhysical = (l: Link): boolean => l.kind === undefined && (l.flags & IFF.loopback) === 0;

/** On the host by its mark, which no pod brings there; else in the pod. */
export const seekDevice = (
  kernel: Kernel,
  owner: Owner,
  paths: readonly string[],
  memory: Memory | undefined,
): Place | undefined => {
  const marks = deviceMarks(owner);
  const bears = (l: Link): boolean => l.alias?.startsWith(marks) ?? false;
  const stray = listLinks(kernel.host).find(bears);
  if (stray) return { in: "", link: stray };
  const pods = [...new Set(paths)].map((path) => openIfThere(kernel, path)).filter((ns) => ns !== undefined);
  const noted = memory && seekNoted(pods, memory);
  if (noted || (memory && memory.kind !== undefined)) return noted;
  // What a pod can make it can also mark, name and address as it likes, and must not place on the host that way.
  const places = pods.map((ns) => ({ in: ns.path, links: listLinks(ns).filter(isPhysical) }));
  const first = (fits: (l: Link) => boolean): Place | undefined => {
    for (const p of places) {
      const link = p.links.find(fits);
      if (link) return { in: p.in, link };
    }
    return undefined;
  };
  if (!memory) return first(bears);
  const named = (l: Link): boolean => !isMark(l.alias) && l.name === owner.ifname;
  return first(bears) ?? first(named) ?? first((l) => !isMark(l.alias) && l.mac === memory.mac);
};

const seekNoted = (pods: readonly Netns[], { went, kind }: Memory): Place | undefined => {
  const pod = went && pods.find((ns) => netnsIdOf(ns) === went.netnsId);
  const link = pod && findLinkByIndex(pod, went.index);
  if (!link || link.kind !== kind) return undefined;
  const isOther = went.peer !== undefined && (link.peer !== went.peer || link.peerNetnsid !== went.peerNetnsid);
  return isOther ? undefined : { in: pod.path, link };
};
