/** Tap devices: the verb of `ip tuntap`. What is made stays until it is deleted as a link. */
import type { Op } from "../kernel/os/syscall.ts";
import { makeTapIn } from "../kernel/os/tap-maker.ts";
import { makeTap, type TapOptions } from "../kernel/os/tun.ts";
import type { Netns } from "./kernel.ts";
import { checkLinkName } from "./link-names.ts";

export interface TunSpec extends TapOptions {
  readonly name: string;
  /** SELinux context of the device; absent is ours. */
  readonly context?: string;
}

/** `ip tuntap add dev NAME mode tap ...` @throws FaultError exists, unavailable, permission, kernel, bad-value */
export const addTap = (ns: Netns, { name, context, ...options }: TunSpec, op: Op): void => {
  checkLinkName(name);
  ns.enter(() => (context === undefined ? makeTap(name, options, true, op) : makeTapIn(context, name, options, op)));
};
