/** CHECK: the device is in the pod and as ADD left it; each difference is named, all of them at once. */
import { joinFaults } from "../../../base/fault.ts";
import type { Kernel } from "../../../net/kernel.ts";
import { findLink, type Link } from "../../../net/links.ts";
import { render } from "../../../net/plan/render.ts";
import { checkPod, partOf, podInterface } from "../../attach/check-pod.ts";
import { needPrevResult } from "../../attach/refusals.ts";
import { Findings } from "../../findings.ts";
import { deviceMark, type Owner } from "../../mark.ts";
import type { Ports } from "../../plugin.ts";
import type { Request, ResultInterface } from "../../spec/types.ts";
import type { HostDeviceConfig } from "./config.ts";
import { readMemory } from "./memory.ts";
import { lookUp, treeAt } from "./sysfs.ts";

type R = Request<HostDeviceConfig>;

/** @throws FaultError differs, not-found, bad-config */
export const check = async (r: R, ports: Ports): Promise<void> => {
  const prev = needPrevResult(r);
  const own = podInterface(prev, r);
  const found = new Findings();
  if (!isUserspace(r, own, ports)) {
    const link = findLink(ports.kernel.open(r.netns), r.ifname);
    if (link) checkLink(ports.kernel, r, link, own, found);
    else found.gone(`${r.ifname} in ${r.netns}`);
    if (link) checkPod(ports.kernel, r, partOf(prev, own), link, found);
  }
  const { ipam } = r.config;
  if (ipam !== undefined) await ports.delegate.check(ipam, r).catch((error: unknown) => found.errors.push(error));
  if (found.errors.length > 0) throw joinFaults(found.errors);
};

const ownerOf = ({ network, containerId, ifname }: R): Owner => ({ network, containerId, ifname });

/** Then nothing of it is the kernel's. The runtime need not name the device again: ADD's result has no MAC of such a one. */
const isUserspace = (r: R, own: ResultInterface, ports: Ports): boolean => {
  const { named, dataDir } = r.config;
  if (named === undefined) return own.mac === undefined && readMemory(dataDir, ownerOf(r)) === undefined;
  if (named.by === "device" || named.by === "hwaddr") return false;
  return lookUp(treeAt(ports.sysfs ?? "/sys"), named).is === "userspace";
};

const checkLink = (kernel: Kernel, r: R, link: Link, own: ResultInterface, found: Findings): void => {
  found.same(`MAC of ${r.ifname} in the pod`, link.mac, own.mac);
  found.same(`mtu of ${r.ifname} in the pod`, link.mtu, own.mtu);
  if (!link.up)
    found.differs(
      `link ${r.ifname}`,
      "down",
      "up",
      render({ do: "link.set", in: r.netns, name: r.ifname, set: { up: true } }),
    );
  const owner = ownerOf(r);
  const memory = readMemory(r.config.dataDir, owner);
  if (!memory) {
    // The reference keeps the name alone, as alias.
    if (!link.alias) found.gone(`what ${r.ifname} was on the host (in ${r.config.dataDir})`);
    return;
  }
  const mark = deviceMark(owner, memory.device);
  if (link.alias === mark) return;
  const fix = render({ do: "link.set", in: r.netns, name: r.ifname, set: { alias: mark } });
  found.differs(`alias of ${r.ifname} in the pod`, link.alias || "none", mark, fix);
  if (findLink(kernel.host, memory.device)) found.gone(`device ${memory.device} from the pod: it`);
};
