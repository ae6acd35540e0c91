/** Who has a host port already: another attachment, or a process of this host. */
import { cidrFamily } from "../../../base/cidr.ts";
import { FaultError } from "../../../base/fault.ts";
import { family as familyOf, isLoopback } from "../../../base/ip.ts";
import { findSocketOwner } from "../../../kernel/os/socket-owner.ts";
import type { Kernel } from "../../../net/kernel.ts";
import { listLinks } from "../../../net/links.ts";
import { type Listener, listListeners } from "../../../net/listeners.ts";
import { renderChange } from "../../../net/nft/render-change.ts";
import { renderValue } from "../../../net/nft/render-value.ts";
import type { Element, Table } from "../../../net/nft/types.ts";
import type { Held } from "../../filter/held.ts";
import { commentOf, isMark, markOf, networkComment, type Owner, ownerOf } from "../../mark.ts";
import type { PortMapping, PortmapConfig } from "./parse.ts";
import { pods4, pods6 } from "./table.ts";

const sameBytes = (a: Uint8Array | undefined, b: Uint8Array | undefined): boolean =>
  a !== undefined && b !== undefined && a.length === b.length && a.every((x, i) => x === b[i]);

/**
 * The newest takes over what is its own, what nobody owns in this table of ours, what leads to its own address, and what
 * an attachment that is gone has left.
 */
const mayTake = (kernel: Kernel, owner: Owner, there: Element, wanted: Held): boolean => {
  if (there.comment === commentOf(owner) || !isMark(there.comment) || wanted.set === pods4 || wanted.set === pods6)
    return true;
  const { data } = there;
  const own = wanted.element.data;
  if (Array.isArray(data) && Array.isArray(own) && sameBytes(data[0], own[0])) return true;
  return isGone(kernel, owner, there.comment ?? "");
};

/**
 * Whether the other attachment has no link any more. Told only of one in our own network, and when our own link is on
 * the host with its mark: then the other's would be, too.
 */
const isGone = (kernel: Kernel, owner: Owner, comment: string): boolean => {
  if (!comment.startsWith(networkComment(owner.network))) return false;
  const aliases = listLinks(kernel.host).map((l) => l.alias);
  if (!aliases.includes(markOf(owner))) return false;
  return !aliases.some((alias) => {
    const other = ownerOf(owner.network, alias);
    return other !== undefined && (!other.whole || commentOf(other) === comment);
  });
};

/** `8080/tcp`, `8080/tcp at 192.0.2.1` */
const portWords = ({ set, element }: Held): string => {
  const [port, protocol, address] = element.key.map((b, i) => renderValue(set.key[i] ?? "unknown", b)).reverse();
  return `${port}/${protocol}${address === undefined ? "" : ` at ${address}`}`;
};

/** @throws FaultError exists, naming the holder */
export const refuseHeld = (kernel: Kernel, owner: Owner, table: Table, there: Element, wanted: Held): void => {
  if (mayTake(kernel, owner, there, wanted)) return;
  const { key } = there;
  const free = renderChange({ do: "element.del", table, set: wanted.set, elements: [{ key }] });
  throw new FaultError({
    kind: "exists",
    what: `host port ${portWords(wanted)}`,
    why: `leads to a port of ${there.comment}`,
    fix: `choose another hostPort, or delete that pod; when it is gone already: nft '${free}'`,
  });
};

const isAny = (ip: string): boolean => ip === "0.0.0.0" || ip === "::";

/** Whether a listener would no more be reached. */
const shadows = (m: PortMapping, l: Listener, families: readonly number[]): boolean => {
  if (l.port !== m.hostPort || l.protocol !== m.protocol) return false;
  const family = l.address.includes(":") ? 6 : 4;
  const hasBoth = l.address === "::" && !l.v6only;
  if (!hasBoth && !families.includes(family)) return false;
  if (m.hostIp !== undefined && !hasBoth && familyOf(m.hostIp) !== family) return false;
  return m.hostIp === undefined || isAny(m.hostIp) || isAny(l.address) || m.hostIp === l.address;
};

/** A container's monitor keeps the port of its own container from others: podman's does. */
const keepers = ["conmon"];

/** @throws FaultError exists, naming the process */
export const refuseListeners = (
  kernel: Kernel,
  c: PortmapConfig,
  targets: readonly Parameters<typeof cidrFamily>[0][],
) => {
  const families = targets.map(cidrFamily);
  for (const protocol of ["tcp", "udp"] as const) {
    const mappings = c.mappings.filter((m) => m.protocol === protocol);
    if (mappings.length === 0) continue;
    for (const l of listListeners(kernel.host, protocol)) {
      const m = mappings.find((x) => shadows(x, l, families));
      if (!m) continue;
      const owner = findSocketOwner(l.inode);
      if (owner && keepers.includes(owner.name)) continue;
      const where = isLoopback(l.address) ? `, or give the mapping a hostIP other than ${l.address}` : "";
      throw new FaultError({
        kind: "exists",
        what: `host port ${m.hostPort}/${protocol}`,
        why: `${owner ? `${owner.name} (process ${owner.pid})` : `a process of user ${l.uid}`} listens on it at ${l.address}`,
        fix: `choose another hostPort, or stop that process${where}; ss -ln${protocol[0]}p shows it`,
      });
    }
  }
};
