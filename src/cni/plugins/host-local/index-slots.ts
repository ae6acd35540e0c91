/**
 * Bytes of the owner index: a header, then a hash table of fixed slots with linear probing. Pure.
 * Header: magic 8, slots u32, used u32, directory mtime u64 (ns), directory inode u64, boot id 64 (ASCII, NUL-padded).
 * Slot: hash of the owner 8, address 16 (IPv4 mapped), file mtime f64 (whole seconds). All little-endian.
 */
import { type Ip, ipBytes, ipFromBytes } from "../../../base/ip.ts";
import { str } from "../../../kernel/codec/codec.ts";

const magic = 0x3165726977646f70n; // "podwire1"
export const headerBytes = 96;
export const slotBytes = 32;
const bootAt = 32;

/** What a directory looked like when the index was last in step with it. */
export interface DirStamp {
  readonly mtimeNs: bigint;
  readonly ino: bigint;
}

export interface Header extends DirStamp {
  /** A power of two. */
  readonly slots: number;
  /** Slots that are not empty: live ones and tombstones. */
  readonly used: number;
  readonly boot: string;
}

/** One reservation. `owner` is the content of its file without surrounding blanks. */
export interface Reservation {
  readonly ip: Ip;
  readonly owner: string;
  /** mtime of the file in whole seconds: part of its identity across a reboot. */
  readonly seconds: number;
}

const view = (b: Uint8Array, at = 0): DataView => new DataView(b.buffer, b.byteOffset + at);

export const encodeHeader = (h: Header): Uint8Array => {
  const b = new Uint8Array(headerBytes);
  const v = view(b);
  v.setBigUint64(0, magic, true);
  v.setUint32(8, h.slots, true);
  v.setUint32(12, h.used, true);
  v.setBigUint64(16, h.mtimeNs, true);
  v.setBigUint64(24, h.ino, true);
  new TextEncoder().encodeInto(h.boot, b.subarray(bootAt));
  return b;
};

/** Undefined when it is not a header of ours. */
export const decodeHeader = (b: Uint8Array): Header | undefined => {
  if (b.length < headerBytes) return undefined;
  const v = view(b);
  const slots = v.getUint32(8, true);
  if (v.getBigUint64(0, true) !== magic || slots === 0 || (slots & (slots - 1)) !== 0) return undefined;
  const boot = str.read(b.subarray(bootAt, headerBytes));
  return { slots, used: v.getUint32(12, true), mtimeNs: v.getBigUint64(16, true), ino: v.getBigUint64(24, true), boot };
};

/** Hash of an owner: two FNV-1a of 32 bits. It is on disk, so it must never change under the same magic. */
export interface Key {
  readonly high: number;
  readonly low: number;
}

const mix = (h: number): number => {
  const a = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  const b = Math.imul(a ^ (a >>> 13), 0xc2b2ae35);
  return (b ^ (b >>> 16)) >>> 0;
};

export const keyOf = (owner: string): Key => {
  let high = 0x811c9dc5;
  let low = 0x5bd1e995;
  for (let i = 0; i < owner.length; i++) {
    const c = owner.charCodeAt(i);
    high = Math.imul(high ^ c, 0x01000193);
    low = Math.imul(low ^ (c + i), 0x01000193);
  }
  // The top two bits stay apart from "empty" (all zero) and "removed" (all one).
  return { high: ((mix(high) & 0x3fffffff) | 0x40000000) >>> 0, low: mix(low) };
};

export type SlotState = "empty" | "removed" | "live";
export const slotState = (b: Uint8Array, at: number): SlotState => {
  const high = view(b, at).getUint32(0, true);
  return high === 0 ? "empty" : high === 0xffffffff ? "removed" : "live";
};

export const slotKey = (b: Uint8Array, at: number): Key => {
  const v = view(b, at);
  return { high: v.getUint32(0, true), low: v.getUint32(4, true) };
};

export const slotHasKey = (b: Uint8Array, at: number, key: Key): boolean => {
  const found = slotKey(b, at);
  return found.high === key.high && found.low === key.low;
};

export const slotIp = (b: Uint8Array, at: number): Ip => {
  const mapped =
    view(b, at + 16).getUint32(0, true) === 0xffff0000 && b.subarray(at + 8, at + 16).every((x) => x === 0);
  return ipFromBytes(b.subarray(at + (mapped ? 20 : 8), at + 24));
};

export const slotSeconds = (b: Uint8Array, at: number): number => view(b, at).getFloat64(24, true);

export const writeSlot = (b: Uint8Array, at: number, key: Key, ip: Ip, seconds: number): void => {
  const v = view(b, at);
  v.setUint32(0, key.high, true);
  v.setUint32(4, key.low, true);
  const bytes = ipBytes(ip);
  b.fill(0, at + 8, at + 24);
  if (bytes.length === 4) b.fill(0xff, at + 18, at + 20);
  b.set(bytes, at + 24 - bytes.length);
  v.setFloat64(24, seconds, true);
};

export const removedSlot: Uint8Array = new Uint8Array(slotBytes).fill(0xff);

/** Puts a slot into a table held in memory that has room. */
export const insert = (table: Uint8Array, key: Key, ip: Ip, seconds: number): void => {
  const slots = table.length / slotBytes;
  let n = key.low & (slots - 1);
  while (slotState(table, n * slotBytes) === "live") n = (n + 1) & (slots - 1);
  writeSlot(table, n * slotBytes, key, ip, seconds);
};

/** Slots for so many reservations, at most half full so that a look-up ends soon. */
export const slotsFor = (count: number): number => {
  let slots = 256;
  while (slots < 2 * count) slots *= 2;
  return slots;
};
