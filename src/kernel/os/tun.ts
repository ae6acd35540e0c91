/** Tap devices, by ioctls on /dev/net/tun (linux/if_tun.h): rtnetlink does not make them. */
import { FaultError } from "../../base/fault.ts";
import { errnoOf } from "./errno.ts";
import { closeSync, O, openSync } from "./files.ts";
import { cstr, must, type Op, opText, sys } from "./syscall.ts";

const device = "/dev/net/tun";
const TUNSETIFF = 0x400454ca;
const TUNSETPERSIST = 0x400454cb;
const TUNSETOWNER = 0x400454cc;
const TUNSETGROUP = 0x400454ce;
const IFF = { tap: 2, multiQueue: 0x100, noPi: 0x1000, exclusive: 0x8000 } as const;
/** struct ifreq, with its flags behind the name. */
const IFREQ = { size: 40, flags: 16 } as const;

export interface TapOptions {
  /** Who may use it without privileges: a user's and a group's number. */
  readonly owner?: number;
  readonly group?: number;
  /** Several programs, or threads, each have a queue of their own. */
  readonly multiQueue?: boolean;
}

const openDevice = (): number => {
  try {
    return openSync(device, O.rdwr);
  } catch (error) {
    const errno = error instanceof FaultError && error.fault.kind === "io" ? error.fault.errno : "";
    if (!["ENOENT", "ENODEV", "ENXIO"].includes(errno)) throw error;
    const fix = errno === "ENOENT" ? `mkdir -p /dev/net && mknod ${device} c 10 200` : "modprobe tun";
    throw new FaultError(
      { kind: "unavailable", why: `${device}, which makes tap devices, cannot be opened`, fix },
      error,
    );
  }
};

/**
 * A new tap device in the namespace that we are in; gone again unless `persist`. @throws FaultError exists, unavailable,
 * permission, kernel
 */
export const makeTap = (name: string, { owner, group, multiQueue }: TapOptions, persist: boolean, op: Op): void => {
  const fd = openDevice();
  try {
    const ifreq = new Uint8Array(IFREQ.size);
    ifreq.set(cstr(name));
    const flags = IFF.tap | IFF.noPi | IFF.exclusive | (multiQueue ? IFF.multiQueue : 0);
    new DataView(ifreq.buffer).setUint16(IFREQ.flags, flags, true);
    const r = sys("ioctl", fd, TUNSETIFF, ifreq);
    if (r === -(errnoOf("EBUSY") ?? 0))
      throw new FaultError({ kind: "exists", what: `link ${name}`, why: `is there already: ${opText(op)}` });
    must(r, op);
    if (owner !== undefined) must(sys("ioctl", fd, TUNSETOWNER, owner), op);
    if (group !== undefined) must(sys("ioctl", fd, TUNSETGROUP, group), op);
    if (persist) must(sys("ioctl", fd, TUNSETPERSIST, 1), op);
  } finally {
    closeSync(fd);
  }
};
