/** Attachments that our marks on this host show to be alive, whoever made them and whatever cache remembers them. */
import { FaultError } from "../../base/fault.ts";
import { otherNetns } from "../../kernel/os/all-netns.ts";
import type { Kernel } from "../../net/kernel.ts";
import { type Link, listLinks } from "../../net/links.ts";
import { deviceOwnerOf, type MarkedOwner, type Owner, ownerOf } from "../mark.ts";

/**
 * The owners of the network's marks: on host veths whose other end is in another namespace, for with its namespace a veth
 * goes; and, in any other namespace, on links that have no end on the host (macvlan and its like, tap, a device of the
 * host).
 * @throws FaultError unavailable when a mark is too short for the name of its owner
 */
export const markedAlive = (kernel: Kernel, network: string): Owner[] => {
  const found = listLinks(kernel.host).flatMap((link) =>
    link.kind === "veth" && link.peerNetnsid !== undefined ? told(link, ownerOf(network, link.alias)) : [],
  );
  // Another namespace's veths are the ends of its own pods.
  for (const path of otherNetns())
    for (const link of linksIn(kernel, path)) {
      const owner =
        deviceOwnerOf(network, link.alias) ?? (link.kind === "veth" ? undefined : ownerOf(network, link.alias));
      found.push(...told(link, owner));
    }
  return found.filter((o, i) => found.findIndex((x) => x.containerId === o.containerId && x.ifname === o.ifname) === i);
};

const told = (link: Link, owner: MarkedOwner | undefined): Owner[] => {
  if (!owner) return [];
  const { network, containerId, ifname } = owner;
  if (owner.whole) return [{ network, containerId, ifname }];
  throw new FaultError({
    kind: "unavailable",
    why: `${link.name} is alive, and its mark "${link.alias}" does not hold the whole ID of its container: name all that live with --keep`,
    fix: "podwire cni gc --help",
  });
};

/** None of a namespace that has gone meanwhile. */
const linksIn = (kernel: Kernel, path: string): Link[] => {
  try {
    return listLinks(kernel.open(path));
  } catch (error) {
    if (error instanceof FaultError && error.fault.kind === "bad-netns") return [];
    throw error;
  } finally {
    kernel.forget(path);
  }
};
