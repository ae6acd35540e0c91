/**
 * Leases on disk: one file for each, in a folder beside the daemon's socket. Whoever changes them holds the lock: the
 * daemon while it runs, a plugin that finds no daemon for as long as it gives leases back.
 */
import { FaultError } from "../../../base/fault.ts";
import { parseJson, stringifyJson } from "../../../base/json.ts";
import {
  closeSync,
  findStat,
  fsyncSync,
  isFolder,
  mkdirSync,
  O,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  tryLockExclusive,
  unlinkSync,
  writeSync,
} from "../../../kernel/os/files.ts";
import { decodeLease, encodeLease, type Holder, type Lease } from "./lease.ts";

/** `/run/cni/dhcp.sock`: leases in `/run/cni/dhcp/`, the lock beside. */
const baseOf = (socket: string): string => (socket.endsWith(".sock") ? socket.slice(0, -5) : `${socket}.d`);
export const leaseDir = (socket: string): string => baseOf(socket);
const lockPath = (socket: string): string => `${baseOf(socket)}.lock`;

const ending = ".json";

export interface Store {
  readonly dir: string;
  load(): Lease[];
  find(holder: Holder): Lease | undefined;
  save(lease: Lease): void;
  /** One that is not there will do. */
  remove(holder: Holder): void;
}

export interface Locked extends Store, Disposable {}

/**
 * The store of that socket, locked; undefined when another has the lock. `create` makes the folders.
 * @throws FaultError io
 */
export const lockStore = (socket: string, create: boolean, warn: (line: string) => void): Locked | undefined => {
  const dir = leaseDir(socket);
  if (create) mkdirSync(dir, 0o700);
  const fd = openSync(lockPath(socket), O.rdwr | O.creat, 0o600);
  try {
    if (tryLockExclusive(fd)) return { ...openStore(dir, warn), [Symbol.dispose]: () => closeSync(fd) };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  closeSync(fd);
  return undefined;
};

/** False when no lease was ever kept beside that socket. */
export const hasStore = (socket: string): boolean => findStat(leaseDir(socket)) !== undefined;

const openStore = (dir: string, warn: (line: string) => void): Store => {
  // Neither a network's name, a container's ID nor an interface's name has a slash, and no interface's name a colon.
  const pathOf = (h: Holder): string => `${dir}/${h.network}/${h.containerId}:${h.ifname}${ending}`;

  const read = (path: string): Lease | undefined => {
    try {
      return decodeLease(parseJson(readFileSync(path), path), path);
    } catch (error) {
      if (isMissing(error)) return undefined;
      warn(`${path} is left aside: ${error instanceof Error ? error.message : error}`);
      return undefined;
    }
  };
  return {
    dir,
    load: () =>
      folders(dir).flatMap((network) =>
        readdirSync(network)
          .filter((name) => name.endsWith(ending))
          .sort()
          .flatMap((name) => read(`${network}/${name}`) ?? []),
      ),
    find: (holder) => read(pathOf(holder)),
    save: (lease) => {
      mkdirSync(`${dir}/${lease.network}`, 0o700);
      writeWhole(pathOf(lease), `${stringifyJson(encodeLease(lease), 2)}\n`);
    },
    remove: (holder) => {
      try {
        unlinkSync(pathOf(holder));
      } catch (error) {
        if (!isMissing(error)) throw error;
      }
    },
  };
};

const folders = (dir: string): string[] =>
  readdirSync(dir)
    .sort()
    .map((name) => `${dir}/${name}`)
    .filter((path) => {
      const found = findStat(path);
      return found !== undefined && isFolder(found);
    });

const isMissing = (error: unknown): boolean =>
  error instanceof FaultError && error.fault.kind === "io" && error.fault.errno === "ENOENT";

/** The old text or the new one, whenever the machine stops. There is one writer, so one draft is enough. */
const writeWhole = (path: string, text: string): void => {
  const draft = `${path}.new`;
  const fd = openSync(draft, O.wronly | O.creat | O.trunc, 0o600);
  try {
    const bytes = new TextEncoder().encode(text);
    if (writeSync(fd, bytes) !== bytes.length)
      throw new FaultError({ kind: "io", op: "write", path: draft, errno: "ENOSPC" });
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(draft, path);
};
