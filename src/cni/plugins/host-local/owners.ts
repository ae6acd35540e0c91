/** Who holds which address. An answer is a hint: the caller reads the reservation itself before it acts. */
import type { Ip } from "../../../base/ip.ts";
import type { DirStamp, Reservation } from "./index-slots.ts";

export interface Owners {
  /** Addresses that this owner may hold; never leaves out one that it does hold. */
  find(owner: string): Ip[];
  add(r: Reservation): void;
  remove(owner: string, ip: Ip): void;
  /** Remembers the directory this is in step with. */
  seal(dir: DirStamp): void;
  close(): void;
}

/** Without an index, when it cannot be written (full or read-only disk): every look-up reads the directory. */
export const unindexedOwners = (held: () => readonly Reservation[]): Owners => ({
  find: (owner) => held().flatMap((r) => (r.owner === owner ? [r.ip] : [])),
  add: () => {},
  remove: () => {},
  seal: () => {},
  close: () => {},
});
