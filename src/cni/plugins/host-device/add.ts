/** ADD: remember what the device is, mark it, move it, give it the pod's addresses. A failure takes back all of it. */
import { joinFaults } from "../../../base/fault.ts";
import { type LinkChange, needLinkFace } from "../../../net/links.ts";
import type { Step } from "../../../net/plan/step.ts";
import { givingBack } from "../../attach/give-back.ts";
import { needIpv6 } from "../../attach/ipv6.ts";
import { chooseDns, type Layer3, layer3On } from "../../attach/layer3.ts";
import { planPod } from "../../attach/plan-pod.ts";
import { refuseSilentVersion, refuseTaken } from "../../attach/refusals.ts";
import { Journal } from "../../journal.ts";
import { deviceMark, type Owner } from "../../mark.ts";
import type { Ports } from "../../plugin.ts";
import type { Request, Result } from "../../spec/types.ts";
import type { HostDeviceConfig, Named } from "./config.ts";
import { type Device, findDevice, findStray, refuseUnfit } from "./find.ts";
import { alone, forget, memoryOf, writeMemory } from "./memory.ts";
import { needNamed } from "./parse.ts";
import { groundOf, takeInStray } from "./remove.ts";
import { treeAt } from "./sysfs.ts";
import { foresee, look } from "./whereabouts.ts";

type R = Request<HostDeviceConfig>;

/** @throws FaultError, with the host as it was before */
export const add = async (r: R, ports: Ports): Promise<Result> => {
  const { ipam, dataDir } = r.config;
  refuseSilentVersion(r.cniVersion, ipam);
  const journal = new Journal(ports.kernel);
  const device = take(r, ports, journal);
  try {
    const l3 = ipam === undefined ? undefined : layer3On(0, ipam, await ports.delegate.add(ipam, r));
    if (ipam !== undefined && l3) needIpv6(ports.kernel, ipam, l3.ips);
    // A device of user space has no interface to give addresses to: the program in the pod reads them from the result.
    if (device.is === "link")
      journal.run(
        l3 ? planPod(r, l3) : [{ do: "link.set", in: r.netns, name: r.ifname, set: { up: true }, fresh: true }],
      );
    return resultOf(r, ports, device, l3);
  } catch (error) {
    const errors = [error];
    const failed = (more: unknown): number => errors.push(more);
    const giveBack = givingBack(ports.delegate, ipam, r);
    await giveBack.before().catch(failed);
    const left = device.is === "link" ? alone(dataDir, () => takeBack(r, journal)) : [];
    errors.push(...left);
    // An address is free only when no link has it. Also after the delegate's own ADD failed (spec 1.1.0, section 4).
    if (left.length === 0) await giveBack.after().catch(failed);
    throw errors.length > 1 ? joinFaults(errors) : error;
  }
};

/** Moves the device into the pod, or finds that there is no link to move. */
const take = (r: R, ports: Ports, journal: Journal): Device => {
  const { kernel } = ports;
  const named = needNamed(r.config);
  refuseTaken(kernel.open(r.netns), r.ifname);
  return alone(r.config.dataDir, () => {
    const device = seek(r, ports, named);
    if (device.is !== "link") return device;
    try {
      move(r, ports, device, journal);
      return device;
    } catch (error) {
      const failed = takeBack(r, journal);
      throw failed.length > 0 ? joinFaults([error, ...failed]) : error;
    }
  });
};

/** @throws FaultError not-found, unsupported */
const seek = (r: R, ports: Ports, named: Named): Device => {
  const tree = treeAt(ports.sysfs ?? "/sys");
  const { host } = ports.kernel;
  const first = findDevice(host, named, tree);
  const stray = findStray(host, named, first);
  if (stray) takeInStray(groundOf(ports), r.config.dataDir, stray);
  const device = stray ? findDevice(host, named, tree) : first;
  refuseUnfit(named, device, r.config.dataDir);
  return device;
};

const move = (r: R, { kernel, clock }: Ports, { link }: Device & { is: "link" }, journal: Journal): void => {
  const owner = ownerOf(r);
  const pod = kernel.open(r.netns);
  const went = foresee(pod, link);
  const memory = memoryOf(kernel.host, link, owner, r.netns, clock.now());
  writeMemory(r.config.dataDir, { ...memory, ...(went && { went }) });
  const set = (change: LinkChange): Step => ({ do: "link.set", in: "", name: link.name, set: change });
  // Each by itself: a failure to take the first back has to be seen.
  journal.run([set({ alias: deviceMark(owner, link.name) })]);
  journal.run([set({ netns: r.netns, name: r.ifname })]);
  const there = look(pod, r.ifname, went);
  if (there) writeMemory(r.config.dataDir, { ...memory, went: there });
};

/** What did not come back as it was is still remembered, for DEL. */
const takeBack = (r: R, journal: Journal): unknown[] => {
  const failed = journal.takeBack();
  if (failed.length === 0) forget(r.config.dataDir, ownerOf(r));
  return failed;
};

const ownerOf = ({ network, containerId, ifname }: R): Owner => ({ network, containerId, ifname });

const resultOf = (r: R, { kernel }: Ports, device: Device, l3: Layer3 | undefined): Result => {
  const face = device.is === "link" ? needLinkFace(kernel.open(r.netns), r.ifname) : undefined;
  const pciID = device.is === "nothing" ? undefined : device.pciId;
  const own = {
    name: r.ifname,
    ...(face?.mac && { mac: face.mac }),
    ...(face && { mtu: face.mtu }),
    sandbox: r.netns,
    ...(pciID && { pciID }),
  };
  return {
    interfaces: [own],
    ips: l3?.ips ?? [],
    routes: l3?.routes ?? [],
    dns: chooseDns(r.config.dns, l3?.dns ?? {}),
  };
};
