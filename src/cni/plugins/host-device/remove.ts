/** DEL and GC: the device comes home from wherever it is; from any half-made state, and again without harm. */
import { joinFaults } from "../../../base/fault.ts";
import { findLink, type Link, listLinks } from "../../../net/links.ts";
import { each } from "../../attach/each.ts";
import { givingBack } from "../../attach/give-back.ts";
import { needValidAttachments } from "../../attach/refusals.ts";
import { openIfThere } from "../../attach/veths.ts";
import { deviceMarks, isMark, markedDevice, networkDevices, type Owner } from "../../mark.ts";
import type { Ports } from "../../plugin.ts";
import type { Request } from "../../spec/types.ts";
import { ifnameProblem } from "../../spec/validate.ts";
import type { HostDeviceConfig } from "./config.ts";
import { bringHome, type HomeGround } from "./home.ts";
import { allMemories, aloneIfThere, forget, listMemories, type Memory, readMemory } from "./memory.ts";
import { isPhysical, seekDevice } from "./whereabouts.ts";

type R = Request<HostDeviceConfig>;

export const del = async (r: R, ports: Ports): Promise<void> => {
  const { ipam, dataDir } = r.config;
  const owner = { network: r.network, containerId: r.containerId, ifname: r.ifname };
  const giveBack = givingBack(ports.delegate, ipam, r);
  await each(giveBack.before, async () => {
    aloneIfThere(dataDir, () => {
      const memory = readMemory(dataDir, owner);
      if (!release(groundOf(ports), dataDir, owner, r.netns, memory) && !memory) releaseReferences(r, groundOf(ports));
    });
    await giveBack.after();
  });
};

export const gc = async (r: R, ports: Ports): Promise<void> => {
  const { ipam, dataDir } = r.config;
  const valid = new Set(needValidAttachments(r).map((a) => deviceMarks({ network: r.network, ...a })));
  const giveBack = givingBack(ports.delegate, ipam, r, "gc");
  await each(
    giveBack.before,
    () => aloneIfThere(dataDir, () => releaseOthers(groundOf(ports), dataDir, r.network, valid)),
    giveBack.after,
  );
};

export const groundOf = ({ kernel, log, clock }: Ports): HomeGround => ({ kernel, log, now: clock.now() });

/** Gives false when the device of this attachment is nowhere. */
const release = (g: HomeGround, dataDir: string, owner: Owner, netns: string, memory: Memory | undefined): boolean => {
  // What is home is not looked for in the pod, which may hold anything under its numbers.
  const home = memory !== undefined && isHome(g, memory);
  const place = home ? undefined : seekDevice(g.kernel, owner, [netns, memory?.netns ?? ""], memory);
  const device = place && (markedDevice(place.link.alias) ?? memory?.device);
  if (place && device !== undefined) bringHome(g, place, memory?.device ?? device, memory);
  // A physical device may still be on its way: the kernel brings it some time after its namespace has gone.
  if (memory && (place || memory.kind !== undefined || home)) forget(dataDir, owner);
  return place !== undefined;
};

/** It never went, or someone else has brought it back. */
const isHome = ({ kernel }: HomeGround, m: Memory): boolean => {
  const there = findLink(kernel.host, m.device);
  return there !== undefined && there.kind === m.kind && there.mac === m.mac && !isMark(there.alias);
};

/**
 * What the reference moved has its name on the host as alias, and after an upgrade is ours to bring back: a physical one,
 * since a pod gives an alias to anything that it makes.
 */
const releaseReferences = (r: R, g: HomeGround): void => {
  const pod = openIfThere(g.kernel, r.netns);
  const link = pod && findLink(pod, r.ifname);
  const { alias } = link ?? {};
  if (!pod || !link || !alias || ifnameProblem(alias) !== undefined) return;
  const { named } = r.config;
  if ((named?.by === "device" && named.name !== alias) || !isPhysical(link)) return;
  bringHome(g, { in: pod.path, link }, alias, undefined);
};

const releaseOthers = (g: HomeGround, dataDir: string, network: string, valid: ReadonlySet<string>): void => {
  const errors: unknown[] = [];
  const attempt = (act: () => void): void => {
    try {
      act();
    } catch (error) {
      errors.push(error);
    }
  };
  for (const m of listMemories(dataDir, network))
    if (!valid.has(deviceMarks(m.owner))) attempt(() => void release(g, dataDir, m.owner, m.netns, m));
  // Of an attachment that nothing is remembered of, its mark still tells the name.
  const ours = networkDevices(network);
  for (const link of listLinks(g.kernel.host)) {
    const device = markedDevice(link.alias);
    if (device === undefined || !link.alias?.startsWith(ours)) continue;
    if (valid.has(link.alias.slice(0, -device.length))) continue;
    attempt(() => bringHome(g, { in: "", link }, device, undefined));
  }
  if (errors.length > 0) throw joinFaults(errors);
};

/** Brings a device in order that is on the host with an attachment's mark: that pod is no more. */
export const takeInStray = (g: HomeGround, dataDir: string, link: Link): void => {
  const memory = allMemories(dataDir).find((m) => link.alias?.startsWith(deviceMarks(m.owner)));
  bringHome(g, { in: "", link }, memory?.device ?? markedDevice(link.alias) ?? link.name, memory);
  if (memory) forget(dataDir, memory.owner);
};
