/**
 * One network's reservations under its lock, in the layout of the reference plugin: `<dataDir>/<network>/` with `lock`,
 * one file per address and `last_reserved_ip.<set>`. Our own index is `<dataDir>/.podwire/<network>.index`: a network's
 * name cannot begin with a dot. See docs/decisions/0002-host-local-durability.md.
 */
import { FaultError } from "../../../base/fault.ts";
import { type Ip, tryIp } from "../../../base/ip.ts";
import { O } from "../../../kernel/os/files.ts";
import { type Disk, errnoIn, unlessMissing } from "./disk.ts";
import { IndexFile } from "./index-file.ts";
import type { DirStamp, Reservation } from "./index-slots.ts";
import { takeLock } from "./lock.ts";
import { type Owners, unindexedOwners } from "./owners.ts";
import { addressNames, fromEarlierBoot, readOwner, type Survey, survey } from "./survey.ts";

export const indexPath = (dataDir: string, network: string): string => `${dataDir}/.podwire/${network}.index`;
/** Content of a reservation. */
export const ownerText = (containerId: string, ifname: string): string => `${containerId}\r\n${ifname}`;

/** A failed write does not say to what. */
const withPath = (path: string, error: unknown): unknown => {
  const errno = errnoIn(error);
  return errno === undefined ? error : new FaultError({ kind: "io", op: "write", path, errno }, error);
};

export class Store {
  readonly dir: string;
  #disk: Disk;
  #indexPath: string;
  #owners: Owners;
  #changed = false;

  private constructor(disk: Disk, dataDir: string, network: string) {
    this.#disk = disk;
    this.dir = `${dataDir}/${network}`;
    this.#indexPath = indexPath(dataDir, network);
    this.#owners = this.#openOwners();
  }

  /**
   * Runs `act` alone on the network. Gives undefined when there is no directory and `create` is false.
   * @throws FaultError whatever `act` throws; io
   */
  static use<T>(disk: Disk, dataDir: string, network: string, create: boolean, act: (s: Store) => T): T | undefined {
    const lock = takeLock(disk, `${dataDir}/${network}`, create);
    if (lock === undefined) return undefined;
    try {
      const store = new Store(disk, dataDir, network);
      try {
        return act(store);
      } finally {
        store.#settle();
      }
    } finally {
      disk.files.closeSync(lock);
    }
  }

  /** Addresses held by this owner, each read from its own file. */
  held(owner: string): Ip[] {
    const hints = this.#owners.find(owner);
    const sure = hints.filter((ip) => readOwner(this.#disk.files, this.#path(ip)) === owner);
    if (sure.length === hints.length) return sure;
    // The index was wrong about a file, or two owners share a hash: only the files know.
    return this.survey()
      .held.filter((r) => r.owner === owner)
      .map((r) => r.ip);
  }

  taken(ip: Ip): boolean {
    return this.#disk.files.existsSync(this.#path(ip));
  }

  owner(ip: Ip): string | undefined {
    return readOwner(this.#disk.files, this.#path(ip));
  }

  addresses(): Set<string> {
    return new Set(addressNames(this.#disk.files, this.dir));
  }

  survey(): Survey {
    return survey(this.#disk.files, this.dir);
  }

  /** False when someone holds it. The file appears whole, or not at all. */
  reserve(ip: Ip, owner: string): boolean {
    const { files } = this.#disk;
    this.#changed = true;
    const seconds = this.#writeDraft(owner);
    try {
      files.linkSync(this.#draft, this.#path(ip));
    } catch (error) {
      if (errnoIn(error) === "EEXIST") return false;
      throw error;
    } finally {
      this.#dropDraft();
    }
    this.#indexed(() => this.#owners.add({ ip, owner, seconds }));
    return true;
  }

  /** Nothing to do when it is gone already. */
  release(ip: Ip, owner: string): void {
    this.#changed = true;
    unlessMissing(() => this.#disk.files.unlinkSync(this.#path(ip)));
    this.#indexed(() => this.#owners.remove(owner, ip));
  }

  lastReserved(set: number): Ip | undefined {
    const text = readOwner(this.#disk.files, this.#path(`last_reserved_ip.${set}`));
    return text ? tryIp(text) : undefined;
  }

  /** Overwritten in place: it only says where to look next, so a crash may spoil it. Replacing a file costs a flush. */
  setLastReserved(set: number, ip: Ip): void {
    const { files } = this.#disk;
    const path = this.#path(`last_reserved_ip.${set}`);
    const fd = files.openSync(path, O.wronly | O.creat, 0o600);
    try {
      this.#changed = true;
      files.writeSync(fd, ip, 0);
      files.ftruncateSync(fd, ip.length);
    } catch (error) {
      throw withPath(path, error);
    } finally {
      files.closeSync(fd);
    }
  }

  #path(name: string): string {
    return `${this.dir}/${name}`;
  }

  /** One name, reused: there is one writer, and what a crash left under it is thrown away by the next. */
  get #draft(): string {
    return this.#path(".podwire.tmp");
  }

  /** May fail quietly: the next writer drops it too, and it is no one's reservation. */
  #dropDraft(): void {
    try {
      this.#disk.files.unlinkSync(this.#draft);
    } catch {}
  }

  #openDraft(): number {
    const { files } = this.#disk;
    const open = () => files.openSync(this.#draft, O.wronly | O.creat | O.excl, 0o600);
    try {
      return open();
    } catch (error) {
      if (errnoIn(error) !== "EEXIST") throw error;
      // Removed, never truncated: after a crash between link and unlink it is the same file as a reservation.
      files.unlinkSync(this.#draft);
      return open();
    }
  }

  /** Gives the file's mtime in whole seconds. */
  #writeDraft(text: string): number {
    const { files } = this.#disk;
    const fd = this.#openDraft();
    try {
      const bytes = new TextEncoder().encode(text);
      if (files.writeSync(fd, bytes) !== bytes.length)
        throw new FaultError({ kind: "io", op: "write", path: this.#draft, errno: "ENOSPC" });
      return files.fstatSync(fd).mtime.s;
    } catch (error) {
      this.#dropDraft();
      throw withPath(this.#draft, error);
    } finally {
      files.closeSync(fd);
    }
  }

  /** The index if it is in step with the directory; otherwise a new one, after what no one can hold is freed. */
  #openOwners(): Owners {
    const { files } = this.#disk;
    const boot = this.#disk.bootId();
    const now = this.#stamp();
    const index = this.#readIndex();
    if (index && index.header.boot === boot && index.header.mtimeNs === now.mtimeNs && index.header.ino === now.ino)
      return index;
    this.#changed = true;
    try {
      unlessMissing(() => files.unlinkSync(this.#draft));
      const found = this.survey();
      const dead = fromEarlierBoot(this.#disk, index, found.held);
      for (const ip of found.empty) unlessMissing(() => files.unlinkSync(this.#path(ip)));
      for (const r of dead) unlessMissing(() => files.unlinkSync(this.#path(r.ip)));
      return this.#newOwners(
        found.held.filter((r) => !dead.has(r)),
        boot !== index?.header.boot,
      );
    } finally {
      index?.close();
    }
  }

  #readIndex(): IndexFile | undefined {
    try {
      return IndexFile.open(this.#disk.files, this.#indexPath, "r+");
    } catch {
      return undefined; // unreadable is as good as absent: it is a cache
    }
  }

  #newOwners(held: readonly Reservation[], sync: boolean): Owners {
    const head = { mtimeNs: 0n, ino: 0n, boot: this.#disk.bootId() };
    try {
      return IndexFile.create(this.#disk.files, this.#indexPath, held, head, sync);
    } catch {
      return this.#unindexed();
    }
  }

  /** Index trouble never fails a call: an index that was not sealed is stale, and the next call makes a new one. */
  #indexed(act: () => void): void {
    try {
      act();
    } catch {
      this.#owners.close();
      this.#owners = this.#unindexed();
    }
  }

  #unindexed(): Owners {
    return unindexedOwners(() => this.survey().held);
  }

  #stamp(): DirStamp {
    const { ino, mtime } = this.#disk.files.statSync(this.dir);
    return { mtimeNs: BigInt(mtime.s) * 1_000_000_000n + BigInt(mtime.ns), ino };
  }

  /**
   * Sets the directory's mtime ten seconds back and remembers it: any later change by anyone sets it to the time of that
   * change, which is another even when both fall into one tick of the kernel's clock.
   */
  #settle(): void {
    this.#indexed(() => {
      if (!this.#changed) return;
      const { mtime } = this.#disk.files.statSync(this.dir);
      this.#disk.files.utimesSync(this.dir, { s: mtime.s - 10, ns: mtime.ns });
      this.#owners.seal(this.#stamp());
    });
    this.#owners.close();
  }
}
