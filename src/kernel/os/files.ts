/**
 * Files by system calls, synchronous: what a plugin needs of node:fs, under the names it has there. Loading node:fs costs
 * a tenth of an ADD. Failures are `io` faults with the name of the call.
 */
import { FaultError } from "../../base/fault.ts";
import { errnoName } from "./errno.ts";
import { cstr, must, type Syscall, sys } from "./syscall.ts";

/** asm-generic/fcntl.h, the same on both our targets; every file is opened with O_CLOEXEC. */
export const O = { rdonly: 0, wronly: 1, rdwr: 2, creat: 0o100, excl: 0o200, trunc: 0o1000 } as const;
const O_CLOEXEC = 0o2000000;
const AT_FDCWD = -100;
const LOCK_EX = 2;
const LOCK_NB = 4;
const ENOENT = 2;
const EAGAIN = 11;
const EEXIST = 17;

const done = (r: number, op: Syscall, path: string): number => {
  if (r >= 0) return r;
  throw new FaultError({ kind: "io", op, path, errno: errnoName(-r) });
};

/** A descriptor does not know its path. */
const unnamed = "an open file";

export const openSync = (path: string, flags: number, mode = 0): number =>
  done(sys("openat", AT_FDCWD, cstr(path), flags | O_CLOEXEC, mode), "openat", path);

export const closeSync = (fd: number): void => {
  sys("close", fd);
};

/** Reads into all of `b` from byte `at` of the file, or from where the last read ended. Gives the count. */
export const readSync = (fd: number, b: Uint8Array, at?: number): number =>
  done(at === undefined ? sys("read", fd, b, b.length) : sys("pread64", fd, b, b.length, at), "read", unnamed);

/** Writes at byte `at` of the file, or where the last write ended. Gives the count, which a full disk can make smaller. */
export const writeSync = (fd: number, data: string | Uint8Array, at?: number): number => {
  const b = typeof data === "string" ? utf8.encode(data) : data;
  return done(
    at === undefined ? sys("write", fd, b, b.length) : sys("pwrite64", fd, b, b.length, at),
    "write",
    unnamed,
  );
};

const utf8 = new TextEncoder();
const text = new TextDecoder();

/** All that can be read from a descriptor, as UTF-8. */
export const readText = (fd: number): string => {
  let b = new Uint8Array(4096);
  let size = 0;
  for (let n = -1; n !== 0; size += n) {
    if (size === b.length) {
      const wider = new Uint8Array(4 * b.length);
      wider.set(b);
      b = wider;
    }
    n = readSync(fd, size === 0 ? b : b.subarray(size));
  }
  return text.decode(b.subarray(0, size));
};

/** A whole file, as UTF-8. */
export const readFileSync = (path: string): string => {
  const fd = openSync(path, O.rdonly);
  try {
    return readText(fd);
  } finally {
    closeSync(fd);
  }
};

/** struct statx (linux/stat.h), as much as is asked for here. */
export interface FileStat {
  readonly mode: number;
  /** Device number, major and minor in one. */
  readonly dev: bigint;
  readonly ino: bigint;
  /** Bytes. */
  readonly size: number;
  /** Time of the last change of content, in whole seconds since the epoch and nanoseconds beyond. */
  readonly mtime: { readonly s: number; readonly ns: number };
}

const STATX_BASIC_STATS = 0x7ff;
const AT_EMPTY_PATH = 0x1000;
const statx = (fd: number, path: string, flags: number): FileStat | number => {
  const b = new Uint8Array(256);
  const r = sys("statx", fd, cstr(path), flags, STATX_BASIC_STATS, b);
  if (r < 0) return r;
  const v = new DataView(b.buffer);
  return {
    mode: v.getUint16(28, true),
    dev: v.getBigUint64(136, true),
    ino: v.getBigUint64(32, true),
    size: Number(v.getBigUint64(40, true)),
    mtime: { s: Number(v.getBigInt64(112, true)), ns: v.getUint32(120, true) },
  };
};

/** What is at a path, links followed; undefined when there is nothing. */
export const findStat = (path: string): FileStat | undefined => {
  const s = statx(AT_FDCWD, path, 0);
  if (typeof s === "object") return s;
  if (s === -ENOENT || s === -ENOTDIR) return undefined;
  throw new FaultError({ kind: "io", op: "statx", path, errno: errnoName(-s) });
};
const ENOTDIR = 20;

export const statSync = (path: string): FileStat => {
  const s = statx(AT_FDCWD, path, 0);
  return typeof s === "object" ? s : fail(s, "statx", path);
};
export const fstatSync = (fd: number): FileStat => {
  const s = statx(fd, "", AT_EMPTY_PATH);
  return typeof s === "object" ? s : fail(s, "statx", unnamed);
};
const fail = (r: number, op: Syscall, path: string): never => {
  throw new FaultError({ kind: "io", op, path, errno: errnoName(-r) });
};

const S_IFMT = 0o170000;
export const isFile = (s: FileStat): boolean => (s.mode & S_IFMT) === 0o100000;
export const isFolder = (s: FileStat): boolean => (s.mode & S_IFMT) === 0o040000;
/** A terminal is one, and /dev/null. */
export const isCharacterDevice = (s: FileStat): boolean => (s.mode & S_IFMT) === 0o020000;

export const existsSync = (path: string): boolean => sys("faccessat", AT_FDCWD, cstr(path), 0) === 0;
/** `accessSync`: may write, may pass through a folder. */
export const W_OK = 2;
export const X_OK = 1;
export const accessSync = (path: string, mode: number): void => {
  done(sys("faccessat", AT_FDCWD, cstr(path), mode), "faccessat", path);
};
export const unlinkSync = (path: string): void => {
  done(sys("unlinkat", AT_FDCWD, cstr(path), 0), "unlinkat", path);
};
export const linkSync = (from: string, to: string): void => {
  done(sys("linkat", AT_FDCWD, cstr(from), AT_FDCWD, cstr(to), 0), "linkat", to);
};
export const renameSync = (from: string, to: string): void => {
  done(sys("renameat2", AT_FDCWD, cstr(from), AT_FDCWD, cstr(to), 0), "renameat2", to);
};
export const fsyncSync = (fd: number): void => {
  done(sys("fsync", fd), "fsync", unnamed);
};
export const ftruncateSync = (fd: number, bytes: number): void => {
  done(sys("ftruncate", fd, bytes), "ftruncate", unnamed);
};

/** A folder and those above it; one that is there will do. */
export const mkdirSync = (path: string, mode: number): void => {
  const r = sys("mkdirat", AT_FDCWD, cstr(path), mode);
  const slash = path.lastIndexOf("/");
  if (r === -EEXIST) return;
  if (r !== -ENOENT || slash <= 0) {
    done(r, "mkdirat", path);
    return;
  }
  mkdirSync(path.slice(0, slash), mode);
  mkdirSync(path, mode);
};

/** Sets the time of the last change of content, and leaves that of the last access. */
export const utimesSync = (path: string, mtime: FileStat["mtime"]): void => {
  const UTIME_OMIT = 0x3ffffffen;
  const times = new BigInt64Array([0n, UTIME_OMIT, BigInt(mtime.s), BigInt(mtime.ns)]);
  done(sys("utimensat", AT_FDCWD, cstr(path), new Uint8Array(times.buffer), 0), "utimensat", path);
};

/** Names in a folder. Asked seldom: this one does come from node:fs. */
export const readdirSync = (path: string): string[] => process.getBuiltinModule("node:fs").readdirSync(path);

/** flock(2), exclusive, of an open file: waits for other holders; given back when the descriptor is closed. */
export const lockExclusive = (fd: number): void => {
  must(sys("flock", fd, LOCK_EX), "flock", "permission to lock the file");
};

/** The same without waiting: false when another holds it. */
export const tryLockExclusive = (fd: number): boolean => {
  const r = sys("flock", fd, LOCK_EX | LOCK_NB);
  if (r === -EAGAIN) return false;
  must(r, "flock", "permission to lock the file");
  return true;
};
