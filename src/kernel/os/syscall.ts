/**
 * The one door to Linux: system calls through libc's `syscall(2)`. Everything else in `os/` is built on `sys`.
 * One symbol is bound, because each bound symbol costs start-up time.
 */
import { dlopen, FFIType, type Pointer, ptr, read } from "bun:ffi";
import { FaultError } from "../../base/fault.ts";
import { errnoName } from "./errno.ts";

const word = FFIType.i64_fast;
const open = () => {
  const { symbols } = dlopen("libc.so.6", {
    syscall: { args: [word, word, word, word, word, word, word], returns: word },
    __errno_location: { args: [], returns: "ptr" },
  });
  return { syscall: symbols.syscall, errnoAt: symbols.__errno_location() as Pointer };
};
/** Opened at the first call: much of the program never makes one. */
let libc: ReturnType<typeof open> | undefined;

const numbers = {
  // name: [x86-64, arm64] (arch/x86/entry/syscalls/syscall_64.tbl, include/uapi/asm-generic/unistd.h)
  read: [0, 63],
  write: [1, 64],
  close: [3, 57],
  rt_sigaction: [13, 134],
  pread64: [17, 67],
  pwrite64: [18, 68],
  ioctl: [16, 29],
  socket: [41, 198],
  connect: [42, 203],
  sendto: [44, 206],
  recvfrom: [45, 207],
  sendmsg: [46, 211],
  recvmsg: [47, 212],
  shutdown: [48, 210],
  bind: [49, 200],
  listen: [50, 201],
  getsockname: [51, 204],
  getpeername: [52, 205],
  setsockopt: [54, 208],
  getsockopt: [55, 209],
  clone: [56, 220],
  execve: [59, 221],
  wait4: [61, 260],
  kill: [62, 129],
  fcntl: [72, 25],
  flock: [73, 32],
  fsync: [74, 82],
  ftruncate: [77, 46],
  fchmod: [91, 52],
  getppid: [110, 173],
  setsid: [112, 157],
  capget: [125, 90],
  statfs: [137, 43],
  prctl: [157, 167],
  mount: [165, 40],
  adjtimex: [159, 171],
  umount2: [166, 39],
  sethostname: [170, 161],
  getxattr: [191, 8],
  clock_gettime: [228, 113],
  exit_group: [231, 94],
  epoll_ctl: [233, 21],
  openat: [257, 56],
  mkdirat: [258, 34],
  unlinkat: [263, 35],
  linkat: [265, 37],
  faccessat: [269, 48],
  unshare: [272, 97],
  utimensat: [280, 88],
  epoll_pwait: [281, 22],
  accept4: [288, 242],
  epoll_create1: [291, 20],
  dup3: [292, 24],
  pipe2: [293, 59],
  prlimit64: [302, 261],
  setns: [308, 268],
  renameat2: [316, 276],
  getrandom: [318, 278],
  statx: [332, 291],
  pidfd_send_signal: [424, 424],
  pidfd_open: [434, 434],
} as const;
export type Syscall = keyof typeof numbers;
const arch = process.arch === "arm64" ? 1 : 0;

type Arg = number | Uint8Array | null;
const value = (x: Arg): number => (typeof x === "number" ? x : x === null || x.length === 0 ? 0 : ptr(x));

/**
 * Calls the kernel. Gives the result, or minus errno; never throws; an interrupted call is made again. A number is
 * passed as it is, bytes by their address. The arguments are spelled out: this is the busiest function of a plugin, which
 * lives too short for a compiler to unroll a loop.
 */
export const sys = (name: Syscall, a: Arg = 0, b: Arg = 0, c: Arg = 0, d: Arg = 0, e: Arg = 0, f: Arg = 0): number => {
  libc ??= open();
  const number = numbers[name][arch];
  for (;;) {
    const r = Number(libc.syscall(number, value(a), value(b), value(c), value(d), value(e), value(f)));
    if (r >= 0) return r;
    const errno = read.i32(libc.errnoAt, 0);
    // A close that was interrupted has closed (close(2)): again, it could hit someone else's new descriptor.
    if (errno !== EINTR || name === "close") return -errno;
  }
};
const EINTR = 4;

/** Address of bytes, for structs that hold pointers. The bytes must outlive the call. */
export const addressOf = (b: Uint8Array): bigint => BigInt(ptr(b));

const utf8 = new TextEncoder();
/** NUL-terminated bytes of a path or name. @throws FaultError bad-value when it has a NUL in it: it would end there */
export const cstr = (text: string): Uint8Array => {
  if (!text.includes("\0")) return utf8.encode(`${text}\0`);
  throw new FaultError({ kind: "bad-value", what: "path", got: JSON.stringify(text), want: "no NUL in it" });
};

/** What was being done, in words or a way to them: nearly all goes well, and making the line costs. */
export type Op = string | (() => string);
export const opText = (op: Op): string => (typeof op === "string" ? op : op());

/** The result, or a `kernel` (EPERM, EACCES: `permission`) fault that names the operation. */
export const must = (r: number, what: Op, needs = "CAP_NET_ADMIN"): number => {
  if (r >= 0) return r;
  const op = opText(what);
  const errno = errnoName(-r);
  if (errno === "EPERM" || errno === "EACCES") throw new FaultError({ kind: "permission", op, needs });
  throw new FaultError({ kind: "kernel", op, errno });
};
