/** Attachments that our marks on this host show to be alive, whoever made them and whatever cache remembers them. */
import { FaultError } from "../../base/fault.ts";
import type { Kernel } from "../../net/kernel.ts";
import { listLinks } from "../../net/links.ts";
import { type Owner, ownerOf } from "../mark.ts";

/**
 * The owners of host veths whose alias is a mark of the network and whose other end is in another namespace: with its
 * namespace a veth goes, so each of these has one.
 * @throws FaultError unavailable when a mark is too short for the name of its owner
 */
export const markedAlive = (kernel: Kernel, network: string): Owner[] =>
  listLinks(kernel.host).flatMap((link) => {
    if (link.kind !== "veth" || link.peerNetnsid === undefined) return [];
    const owner = ownerOf(network, link.alias);
    if (!owner) return [];
    if (owner.whole) return [{ network, containerId: owner.containerId, ifname: owner.ifname }];
    throw new FaultError({
      kind: "unavailable",
      why: `${link.name} is alive, and its mark "${link.alias}" does not hold the whole ID of its container: name all that live with --keep`,
      fix: "podwire cni gc --help",
    });
  });
