/** Links: the verbs of `ip link`. A link is named; its index is looked up at the moment of use, since names outlive it. */

import { FaultError } from "../base/fault.ts";
import type { Mac } from "../base/mac.ts";
import type { bridgePort } from "../kernel/codec/link-kinds/bridge-port.ts";
import type { LinkInfo } from "../kernel/codec/link-kinds/registry.ts";
import { F, type Message } from "../kernel/codec/message.ts";
import {
  IFF,
  type LinkBriefMessage,
  link,
  linkBrief,
  linkFace,
  linkFlags,
  operstates,
  type Peer,
  RTM_LINK,
} from "../kernel/codec/route/link.ts";
import type { Op } from "../kernel/os/syscall.ts";
import type { Netns } from "./kernel.ts";
import { checkAlias, checkLinkName } from "./link-names.ts";

export interface Link {
  readonly index: number;
  readonly name: string;
  /** `veth`, `bridge`, ...; absent for a device without rtnl ops, such as a physical one. */
  readonly kind?: string;
  /** Bytes. */
  readonly mtu: number;
  readonly mac?: Mac;
  /** IFF_UP: administratively up. */
  readonly up: boolean;
  readonly operstate: (typeof operstates)[number];
  readonly flags: number;
  /** Index of the bridge or bond it belongs to. */
  readonly master?: number;
  /** Index of the other end (veth) or the lower device (macvlan, vlan, vxlan). */
  readonly peer?: number;
  /** Set when `peer` is an index in another namespace. */
  readonly peerNetnsid?: number;
  readonly alias?: string;
  readonly group: number;
  /** Packets that may wait to be sent; absent where nobody asked for it. */
  readonly txqlen?: number;
  readonly info?: LinkInfo<Peer>;
}

/** The other end of a veth pair. */
export interface PeerSpec {
  readonly name: string;
  /** Path of the namespace it is born in, empty for the one we run in; absent: the same as the first end's. */
  readonly netns?: string;
  readonly mtu?: number;
  readonly mac?: Mac;
}

export interface LinkSpec {
  readonly name: string;
  readonly info: Exclude<LinkInfo<Peer>, { kind: "veth" }> | { readonly kind: "veth" };
  readonly peer?: PeerSpec;
  readonly mtu?: number;
  readonly mac?: Mac;
  readonly up?: boolean;
  /** Name of the bridge it joins. */
  readonly master?: string;
  /** Name of the lower device (macvlan, ipvlan, vlan, vxlan). */
  readonly lower?: string;
  /** Path of the namespace it is born in, empty for the one we run in; absent: the same as its lower device's. */
  readonly netns?: string;
  /** Our mark. */
  readonly alias?: string;
  readonly group?: number;
}

export interface LinkChange {
  readonly up?: boolean;
  readonly mtu?: number;
  readonly mac?: Mac;
  /** Name of the bridge to join; null leaves it. */
  readonly master?: string | null;
  readonly name?: string;
  readonly promisc?: boolean;
  /** Takes all multicast frames. */
  readonly allmulti?: boolean;
  /** Packets that may wait to be sent. */
  readonly txqlen?: number;
  readonly alias?: string;
  readonly group?: number;
  /** Path of the namespace to move to, empty for the one we run in. */
  readonly netns?: string;
}

/** Bridge port flags: `bridge link set dev NAME ...`. */
export interface PortChange {
  readonly hairpin?: boolean;
  readonly isolated?: boolean;
  readonly learning?: boolean;
}

export const linkFromMessage = (m: LinkBriefMessage): Link => ({
  index: m.index,
  name: m.ifname ?? "",
  mtu: m.mtu ?? 0,
  up: (m.flags & IFF.up) !== 0,
  operstate: operstates[m.operstate ?? 0] ?? "UNKNOWN",
  flags: m.flags,
  group: m.group ?? 0,
  ...(m.linkinfo ? { info: m.linkinfo, ...(m.linkinfo.kind ? { kind: m.linkinfo.kind } : {}) } : {}),
  ...(m.address ? { mac: m.address } : {}),
  ...(m.master ? { master: m.master } : {}),
  ...(m.link === undefined ? {} : { peer: m.link }),
  ...(m.linkNetnsid === undefined ? {} : { peerNetnsid: m.linkNetnsid }),
  ...(m.ifalias ? { alias: m.ifalias } : {}),
  ...(m.txqlen === undefined ? {} : { txqlen: m.txqlen }),
});

/** `ip link`: all links, by index. */
export const listLinks = (ns: Netns): Link[] =>
  ns.rt
    .dump({ type: RTM_LINK.get, op: "ip link", payload: link.write({}) })
    .map((m) => linkFromMessage(linkBrief.read(m.payload)))
    .sort((a, b) => a.index - b.index);

const RTEXT_FILTER_SKIP_STATS = 8;

const get = (ns: Netns, want: { ifname: string } | { index: number }, op: Op): Message | undefined => {
  const payload = link.write({ ...want, extMask: RTEXT_FILTER_SKIP_STATS });
  try {
    return ns.rt.get({ type: RTM_LINK.get, op, payload, locate: link.locate });
  } catch (error) {
    if (isNoDevice(error)) return undefined;
    throw error;
  }
};

const isNoDevice = (error: unknown): boolean =>
  error instanceof FaultError && error.fault.kind === "kernel" && error.fault.errno === "ENODEV";

/** `ip link show NAME`; undefined when there is none. */
export const findLink = (ns: Netns, name: string): Link | undefined => {
  const m = get(ns, { ifname: name }, () => `ip link show ${name}`);
  return m && linkFromMessage(linkBrief.read(m.payload));
};
export const findLinkByIndex = (ns: Netns, index: number): Link | undefined => {
  const m = get(ns, { index }, () => `ip link show index ${index}`);
  return m && linkFromMessage(linkBrief.read(m.payload));
};

/** The little of a link that ADD needs for its result. */
export type LinkFace = Pick<Link, "index" | "name" | "mtu" | "mac" | "master">;

/** @throws FaultError not-found */
export const needLinkFace = (ns: Netns, name: string): LinkFace => {
  const m = get(ns, { ifname: name }, () => `ip link show ${name}`);
  if (!m) throw noLink(ns, name);
  const { index, mtu = 0, address, master } = linkFace.read(m.payload);
  return { index, name, mtu, ...(address && { mac: address }), ...(master && { master }) };
};

/** @throws FaultError not-found */
export const needLink = (ns: Netns, name: string): Link => {
  const found = findLink(ns, name);
  if (found) return found;
  throw noLink(ns, name);
};

const noLink = (ns: Netns, name: string): FaultError => {
  const where = ns.path ? ` in ${ns.path}` : "";
  return new FaultError({
    kind: "not-found",
    what: `link ${name}`,
    why: `there is no such device${where}`,
    fix: "ip link",
  });
};

/** Index of a link, when nothing else of it is wanted: far cheaper than reading all of it. @throws FaultError not-found */
export const linkIndex = (ns: Netns, name: string): number => {
  const m = get(ns, { ifname: name }, () => `ip link show ${name}`);
  if (!m) throw noLink(ns, name);
  return new DataView(m.payload.buffer, m.payload.byteOffset).getInt32(IFI_INDEX, true);
};
/** Offset of ifi_index in struct ifinfomsg. */
const IFI_INDEX = 4;

/** Opens the namespaces that a change names. */
export type OpenNetns = (path: string) => Netns;

/** The attribute that names a namespace: its descriptor, or for the one we run in our PID. */
const target = (path: string | undefined, open: OpenNetns): { netNsFd?: number; netNsPid?: number } => {
  if (path === undefined) return {};
  const { fd } = open(path);
  return fd === undefined ? { netNsPid: process.pid } : { netNsFd: fd };
};

/** `ip link add`. The other end of a veth is born in its own namespace, in the same step. */
export const addLink = (ns: Netns, spec: LinkSpec, op: Op, open: OpenNetns): void => {
  for (const name of [spec.name, spec.peer?.name]) if (name !== undefined) checkLinkName(name);
  if (spec.alias !== undefined) checkAlias(spec.alias);
  create(ns, spec, op, open);
  if (spec.alias === undefined) return;
  const born = spec.netns === undefined ? ns : open(spec.netns);
  // The kernel passes over an alias in the message that creates a link.
  try {
    setLink(born, spec.name, { alias: spec.alias }, op, open);
  } catch (error) {
    delLink(born, spec.name, op);
    throw error;
  }
};

const create = (ns: Netns, spec: LinkSpec, op: Op, open: OpenNetns): void => {
  const flags = spec.up ? { flags: IFF.up, change: IFF.up } : {};
  const peer = spec.peer;
  const lower = spec.lower === undefined ? undefined : linkIndex(ns, spec.lower);
  ns.rt.request({
    type: RTM_LINK.new,
    flags: F.create | F.excl,
    op,
    locate: link.locate,
    payload: link.write({
      ...flags,
      ifname: spec.name,
      mtu: spec.mtu,
      address: spec.mac,
      group: spec.group,
      ...target(spec.netns, open),
      master: spec.master === undefined ? undefined : linkIndex(ns, spec.master),
      link: spec.info.kind === "vxlan" ? undefined : lower,
      linkinfo: peer
        ? {
            kind: "veth",
            data: { peer: { ifname: peer.name, mtu: peer.mtu, address: peer.mac, ...target(peer.netns, open) } },
          }
        : spec.info.kind === "vxlan" && lower !== undefined
          ? ({ ...spec.info, data: { ...("data" in spec.info ? spec.info.data : {}), link: lower } } as LinkInfo)
          : (spec.info as LinkInfo),
    }),
  });
};

/** `ip link set NAME ...` */
export const setLink = (ns: Netns, name: string, change: LinkChange, op: Op, open: OpenNetns): void => {
  if (change.name !== undefined) checkLinkName(change.name);
  if (change.alias !== undefined) checkAlias(change.alias);
  // The kernel finds the link by its name, unless a name is what is to change.
  const which = change.name === undefined ? { ifname: name } : { index: linkIndex(ns, name), ifname: change.name };
  const flags = linkFlags(change);
  const master = change.master;
  const payload = link.write({
    ...which,
    ...(flags.change ? flags : {}),
    mtu: change.mtu,
    txqlen: change.txqlen,
    address: change.mac,
    ifalias: change.alias,
    group: change.group,
    master: master === undefined ? undefined : master === null ? 0 : linkIndex(ns, master),
    ...target(change.netns, open),
  });
  try {
    ns.rt.request({ type: RTM_LINK.new, op, locate: link.locate, payload });
  } catch (error) {
    throw isNoDevice(error) ? noLink(ns, name) : error;
  }
};

/** `ip link del NAME`; for a veth the other end goes too. @throws FaultError not-found */
export const delLink = (ns: Netns, name: string, op: Op): void => {
  try {
    ns.rt.request({ type: RTM_LINK.del, op, payload: link.write({ ifname: name }), locate: link.locate });
  } catch (error) {
    throw isNoDevice(error) ? noLink(ns, name) : error;
  }
};

const AF_BRIDGE = 7;
const bit = (on: boolean | undefined): number | undefined => (on === undefined ? undefined : on ? 1 : 0);

/** `bridge link set dev NAME hairpin on ...` */
export const setPort = (ns: Netns, name: string, change: PortChange, op: Op): void => {
  const protinfo: ReturnType<typeof bridgePort.read> = {
    hairpin: bit(change.hairpin),
    isolated: bit(change.isolated),
    learning: bit(change.learning),
  };
  ns.rt.request({
    type: RTM_LINK.set,
    op,
    payload: link.write({ family: AF_BRIDGE, index: linkIndex(ns, name), protinfo }),
    locate: link.locate,
  });
};
