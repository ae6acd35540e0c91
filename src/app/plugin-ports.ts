/** The outside world of a plugin executable: the kernel it runs on, the clock, its log, the plugins it asks. */
import { systemClock } from "../base/clock.ts";
import { openDelegate } from "../cni/delegate.ts";
import type { Ports } from "../cni/plugin.ts";
import type { Env } from "../cni/request.ts";
import { openWireLog } from "../kernel/conn/wire-log.ts";
import { randomBytes } from "../kernel/os/random.ts";
import { openKernel } from "../net/kernel.ts";

/** PODWIRE_WIRE_LOG names a file that gets all netlink traffic, for Wireshark. */
export const openPorts = (env: Env, log: (line: string) => void): Ports => {
  const wire = env.PODWIRE_WIRE_LOG;
  const kernel = openKernel(wire ? { wireLog: openWireLog(wire) } : {});
  const base = { kernel, clock: { ...systemClock, random: randomBytes }, log };
  return { ...base, delegate: openDelegate(base, { env }) };
};
