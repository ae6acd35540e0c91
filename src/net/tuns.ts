/** Tap devices: the verb of `ip tuntap`. What is made stays until it is deleted as a link. */
import type { Op } from "../kernel/os/syscall.ts";
import { makeTap, type TapOptions } from "../kernel/os/tun.ts";
import type { Netns } from "./kernel.ts";
import { checkLinkName } from "./link-names.ts";

export interface TunSpec extends TapOptions {
  readonly name: string;
}

/** `ip tuntap add dev NAME mode tap ...` @throws FaultError exists, unavailable, permission, kernel */
export const addTap = (ns: Netns, { name, ...options }: TunSpec, op: Op): void => {
  checkLinkName(name);
  ns.enter(() => makeTap(name, options, true, op));
};
