/**
 * What a device was before it went into a pod: one file for each attachment, written whole before the device is touched,
 * so that a crash at any moment leaves enough to bring it back.
 */
import type { JsonObject } from "../../../base/json-types.ts";
import type { Mac } from "../../../base/mac.ts";
import { IFF } from "../../../kernel/codec/route/link.ts";
import * as files from "../../../kernel/os/files.ts";
import type { Netns } from "../../../net/kernel.ts";
import { findLinkByIndex, type Link } from "../../../net/links.ts";
import { type Losses, lossesOf } from "../../../net/losses.ts";
import { type Owner, short } from "../../mark.ts";

/** A link of a namespace, by numbers: its name, MAC and alias are the pod's to change. */
export interface Whereabouts {
  /** No other namespace of this boot has it. */
  readonly netnsId: string;
  readonly index: number;
  /** Of a virtual link: a pod that makes another under this index cannot hang it on the host as well. */
  readonly peer?: number;
  readonly peerNetnsid?: number;
}

export interface Memory extends Losses {
  readonly owner: Owner;
  /** Path of the namespace that it went to. */
  readonly netns: string;
  /** What it is there; absent before it went, when that could not be foreseen. */
  readonly went?: Whereabouts;
  /** What it is called on the host. */
  readonly device: string;
  /** Milliseconds since the epoch when this was written: lifetimes of addresses count from there. */
  readonly at: number;
  /** Absent for a physical device, which outlives its namespace. */
  readonly kind?: string;
  readonly up: boolean;
  readonly mtu: number;
  readonly mac?: Mac;
  readonly alias: string;
  readonly group: number;
  readonly promisc: boolean;
  readonly allmulti: boolean;
  readonly txqlen?: number;
  /** Bridge or bond that it belonged to. */
  readonly master?: string;
}

export const memoryOf = (host: Netns, link: Link, owner: Owner, netns: string, at: number): Memory => {
  const master = link.master === undefined ? undefined : findLinkByIndex(host, link.master)?.name;
  return {
    owner,
    netns,
    device: link.name,
    at,
    ...(link.kind && { kind: link.kind }),
    up: link.up,
    mtu: link.mtu,
    ...(link.mac && { mac: link.mac }),
    alias: link.alias ?? "",
    group: link.group,
    promisc: (link.flags & IFF.promisc) !== 0,
    allmulti: (link.flags & IFF.allmulti) !== 0,
    ...(link.txqlen !== undefined && { txqlen: link.txqlen }),
    ...(master && { master }),
    ...lossesOf(host, link),
  };
};

/** Folder and file: neither part holds a slash, and an interface name no colon. */
const fileOf = (dir: string, o: Owner): string => `${dir}/${short(o.network, 200)}/${fileName(o)}`;
const fileName = (o: Owner): string => `${short(o.containerId, 200)}:${o.ifname}`;
/** Every file holds this, so that one of a later release is not misread. */
const format = 1;

export const writeMemory = (dir: string, memory: Memory): void => {
  const path = fileOf(dir, memory.owner);
  const folder = path.slice(0, path.lastIndexOf("/"));
  files.mkdirSync(folder, 0o700);
  const fd = files.openSync(`${folder}/.new`, files.O.wronly | files.O.creat | files.O.trunc, 0o600);
  try {
    const bytes = new TextEncoder().encode(JSON.stringify({ format, ...memory }));
    for (let at = 0; at < bytes.length; ) at += files.writeSync(fd, bytes.subarray(at));
    files.fsyncSync(fd);
  } finally {
    files.closeSync(fd);
  }
  files.renameSync(`${folder}/.new`, path);
};

/** Undefined when there is none, or none that can be read. */
export const readMemory = (dir: string, owner: Owner): Memory | undefined => read(fileOf(dir, owner));

const read = (path: string): Memory | undefined => {
  if (!files.existsSync(path)) return undefined;
  try {
    const json = JSON.parse(files.readFileSync(path)) as JsonObject;
    return json.format === format ? (json as unknown as Memory) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
};

export const forget = (dir: string, owner: Owner): void => {
  const path = fileOf(dir, owner);
  if (files.existsSync(path)) files.unlinkSync(path);
};

/** Of every attachment of a network; in the order of their names. */
export const listMemories = (dir: string, network: string): Memory[] => {
  const folder = `${dir}/${short(network, 200)}`;
  if (!files.existsSync(folder)) return [];
  return visible(folder)
    .sort()
    .map((name) => read(`${folder}/${name}`))
    .filter((m) => m !== undefined);
};

/** Of every attachment of every network that is kept there. */
export const allMemories = (dir: string): Memory[] =>
  files.existsSync(dir) ? visible(dir).flatMap((network) => listMemories(dir, network)) : [];

/** No name of a network or a container begins with a dot: the lock's and the unfinished file's do. */
const visible = (folder: string): string[] => files.readdirSync(folder).filter((name) => !name.startsWith("."));

/**
 * Alone among the processes that use this folder, for as long as `act` runs, which must not wait: two ADDs of one
 * device would each take the other's mark for what it was.
 */
export const alone = <T>(dir: string, act: () => T): T => {
  files.mkdirSync(dir, 0o700);
  return aloneIfThere(dir, act);
};

/** The same for taking away: where there is no folder nothing was kept, and none is made. */
export const aloneIfThere = <T>(dir: string, act: () => T): T => {
  if (!files.existsSync(dir)) return act();
  const fd = files.openSync(`${dir}/.lock`, files.O.rdonly | files.O.creat, 0o600);
  try {
    files.lockExclusive(fd);
    return act();
  } finally {
    files.closeSync(fd);
  }
};
