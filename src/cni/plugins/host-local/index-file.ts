/**
 * The owner index on disk: finds the addresses of one (container, interface) among any number in a few reads. It lies
 * beside the layout of the reference and is only a cache of it: whoever changes the directory without it makes it stale.
 */

import type { Ip } from "../../../base/ip.ts";
import { O } from "../../../kernel/os/files.ts";
import { type Files, unlessMissing } from "./disk.ts";
import {
  type DirStamp,
  decodeHeader,
  encodeHeader,
  type Header,
  headerBytes,
  insert,
  type Key,
  keyOf,
  type Reservation,
  removedSlot,
  slotBytes,
  slotHasKey,
  slotIp,
  slotKey,
  slotSeconds,
  slotState,
  slotsFor,
  writeSlot,
} from "./index-slots.ts";
import type { Owners } from "./owners.ts";

/** Slots read at once: a look-up at half load nearly always ends within them. */
const readAhead = 16;

export class IndexFile implements Owners {
  readonly header: Header;
  #files: Files;
  #path: string;
  #fd: number;
  #slots: number;
  #used: number;

  private constructor(files: Files, path: string, fd: number, header: Header) {
    this.#files = files;
    this.#path = path;
    this.#fd = fd;
    this.header = header;
    this.#slots = header.slots;
    this.#used = header.used;
  }

  /** Undefined when there is none, or when it is not whole. */
  static open(files: Files, path: string, mode: "r" | "r+"): IndexFile | undefined {
    const fd = unlessMissing(() => files.openSync(path, mode === "r" ? O.rdonly : O.rdwr));
    if (fd === undefined) return undefined;
    let whole: Header | undefined;
    try {
      const b = new Uint8Array(headerBytes);
      files.readSync(fd, b, 0);
      const header = decodeHeader(b);
      if (header && files.fstatSync(fd).size === headerBytes + header.slots * slotBytes) whole = header;
      return whole && new IndexFile(files, path, fd, whole);
    } finally {
      if (!whole) files.closeSync(fd);
    }
  }

  /** A new one, in step with `dir`. `sync`: the boot it names has to outlive a power cut. */
  static create(
    files: Files,
    path: string,
    held: readonly Reservation[],
    head: DirStamp & { boot: string },
    sync: boolean,
  ): IndexFile {
    const table = new Uint8Array(slotsFor(held.length) * slotBytes);
    for (const r of held) insert(table, keyOf(r.owner), r.ip, r.seconds);
    return replaceIndex(files, path, table, { ...head, slots: table.length / slotBytes, used: held.length }, sync);
  }

  /** For `create`: the file that was just renamed into place. */
  static adopt(files: Files, path: string, fd: number, header: Header): IndexFile {
    return new IndexFile(files, path, fd, header);
  }

  find(owner: string): Ip[] {
    const found: Ip[] = [];
    const key = keyOf(owner);
    this.#probe(key, (b, at) => {
      if (slotHasKey(b, at, key)) found.push(slotIp(b, at));
      return false;
    });
    return found;
  }

  /** True when this very file was reserved under `owner` while the index was kept. */
  knows(r: Reservation): boolean {
    const key = keyOf(r.owner);
    return (
      this.#probe(
        key,
        (b, at) => slotHasKey(b, at, key) && slotIp(b, at) === r.ip && slotSeconds(b, at) === r.seconds,
      ) !== undefined
    );
  }

  add(r: Reservation): void {
    if (this.#used + 1 > this.#slots * 0.7) this.#grow();
    const key = keyOf(r.owner);
    const b = new Uint8Array(slotBytes);
    writeSlot(b, 0, key, r.ip, r.seconds);
    this.#write(this.#firstEmpty(key), b);
    this.#used++;
  }

  remove(owner: string, ip: Ip): void {
    const key = keyOf(owner);
    const n = this.#probe(key, (b, at) => slotHasKey(b, at, key) && slotIp(b, at) === ip);
    if (n !== undefined) this.#write(n, removedSlot);
  }

  seal(dir: DirStamp): void {
    const header = encodeHeader({ ...dir, boot: this.header.boot, slots: this.#slots, used: this.#used });
    this.#files.writeSync(this.#fd, header, 0);
  }

  close(): void {
    this.#files.closeSync(this.#fd);
  }

  #write(slot: number, b: Uint8Array): void {
    this.#files.writeSync(this.#fd, b, headerBytes + slot * slotBytes);
  }

  #firstEmpty(key: Key): number {
    let end = -1;
    this.#probe(
      key,
      () => false,
      (slot) => {
        end = slot;
      },
    );
    return end;
  }

  /** Visits the slots from the key's own to the first empty one; gives the slot at which `is` said true. */
  #probe(
    key: Key,
    is: (b: Uint8Array, at: number) => boolean,
    ended: (slot: number) => void = () => {},
  ): number | undefined {
    const b = new Uint8Array(readAhead * slotBytes);
    let slot = key.low & (this.#slots - 1);
    for (let seen = 0; seen < this.#slots; ) {
      const count = Math.min(readAhead, this.#slots - slot);
      this.#files.readSync(this.#fd, b.subarray(0, count * slotBytes), headerBytes + slot * slotBytes);
      for (let i = 0; i < count; i++, seen++) {
        const state = slotState(b, i * slotBytes);
        if (state === "empty") {
          ended(slot + i);
          return undefined;
        }
        if (state === "live" && is(b, i * slotBytes)) return slot + i;
      }
      slot = (slot + count) & (this.#slots - 1);
    }
    return undefined;
  }

  /** Tombstones go, and there is room again. */
  #grow(): void {
    const old = new Uint8Array(this.#slots * slotBytes);
    this.#files.readSync(this.#fd, old, headerBytes);
    const live: number[] = [];
    for (let at = 0; at < old.length; at += slotBytes) if (slotState(old, at) === "live") live.push(at);
    const table = new Uint8Array(slotsFor(live.length + 1) * slotBytes);
    for (const at of live) insert(table, slotKey(old, at), slotIp(old, at), slotSeconds(old, at));
    const header = { ...this.header, slots: table.length / slotBytes, used: live.length };
    const grown = replaceIndex(this.#files, this.#path, table, header, true);
    this.#files.closeSync(this.#fd);
    this.#fd = grown.#fd;
    this.#slots = header.slots;
    this.#used = header.used;
  }
}

const replaceIndex = (files: Files, path: string, table: Uint8Array, header: Header, sync: boolean): IndexFile => {
  files.mkdirSync(path.slice(0, path.lastIndexOf("/")), 0o700);
  const fd = files.openSync(`${path}.new`, O.rdwr | O.creat | O.trunc, 0o600);
  try {
    files.writeSync(fd, encodeHeader(header), 0);
    files.writeSync(fd, table, headerBytes);
    if (sync) files.fsyncSync(fd);
    files.renameSync(`${path}.new`, path);
  } catch (error) {
    files.closeSync(fd);
    throw error;
  }
  return IndexFile.adopt(files, path, fd, header);
};
