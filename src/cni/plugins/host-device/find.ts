/** The device that a config names, looked for on this host. */
import { FaultError } from "../../../base/fault.ts";
import { IFF } from "../../../kernel/codec/route/link.ts";
import type { Netns } from "../../../net/kernel.ts";
import { findLink, type Link, listLinks } from "../../../net/links.ts";
import { markedDevice } from "../../mark.ts";
import { type Named, namedText } from "./config.ts";
import { allMemories } from "./memory.ts";
import { lookUp, type Tree } from "./sysfs.ts";

export type Device =
  | { readonly is: "link"; readonly link: Link; readonly pciId?: string }
  | { readonly is: "userspace"; readonly driver: string; readonly pciId: string }
  | { readonly is: "nothing"; readonly why: string };

export const findDevice = (host: Netns, named: Named, tree: Tree): Device => {
  if (named.by === "device") return linkOr(findLink(host, named.name), "there is no such device on the host");
  if (named.by === "hwaddr")
    return linkOr(
      listLinks(host).find((l) => l.mac === named.mac),
      "no device of the host has this MAC",
    );
  const found = lookUp(tree, named);
  if (found.is === "userspace") return found;
  if (found.is === "nothing")
    return { is: "nothing", why: `there is no network interface in ${found.where.join(", ")}` };
  const device = linkOr(findLink(host, found.name), `it is ${found.name}, which is not in this network namespace`);
  return device.is === "link" && found.pciId !== undefined ? { ...device, pciId: found.pciId } : device;
};

const linkOr = (link: Link | undefined, why: string): Device => (link ? { is: "link", link } : { is: "nothing", why });

/** A device that has a pod's mark and is on the host: the pod's namespace has gone without a DEL, and the kernel brought it. */
export const findStray = (host: Netns, named: Named, device: Device): Link | undefined => {
  if (device.is === "link") return markedDevice(device.link.alias) === undefined ? undefined : device.link;
  return named.by === "device" && device.is === "nothing"
    ? listLinks(host).find((l) => markedDevice(l.alias) === named.name)
    : undefined;
};

/** @throws FaultError not-found, unsupported */
export const refuseUnfit = (named: Named, device: Device, dataDir: string): void => {
  if (device.is === "nothing")
    throw new FaultError({
      kind: "not-found",
      what: namedText(named),
      why: device.why + holderText(named, dataDir),
      fix: "ip link",
    });
  if (device.is === "link" && (device.link.flags & IFF.loopback) !== 0)
    throw new FaultError({
      kind: "unsupported",
      key: named.by,
      value: device.link.name,
      why: "every namespace has a loopback interface of its own, and none can move",
    });
};

/** Who has it, as far as is known. */
const holderText = (named: Named, dataDir: string): string => {
  const holder = allMemories(dataDir).find((m) =>
    named.by === "device" ? m.device === named.name : named.by === "hwaddr" && m.mac === named.mac,
  );
  if (!holder) return "";
  const { network, containerId, ifname } = holder.owner;
  return `; container ${containerId} has it, as ${ifname} of network ${network}`;
};
