/** `dhcp daemon`: takes the lock, listens, goes on with the leases that are there, and never comes back. */
import { dirname } from "node:path/posix";
import { FaultError, faultMessage, faultOf } from "../../../../base/fault.ts";
import { u32 } from "../../../../kernel/codec/codec.ts";
import { bootId, bootNow } from "../../../../kernel/os/boot-clock.ts";
import { closeSync, mkdirSync, O, openSync, writeSync } from "../../../../kernel/os/files.ts";
import { randomBytes } from "../../../../kernel/os/random.ts";
import { openKernel } from "../../../../net/kernel.ts";
import { lockStore } from "../store.ts";
import { Daemon } from "./daemon.ts";
import { openLoop } from "./loop.ts";
import type { DaemonOptions } from "./options.ts";
import { listen, serve } from "./server.ts";

/** The process that the daemon is. */
export interface Process {
  readonly pid: number;
  /** A socket that listens already: systemd's. */
  readonly listener?: number;
  log(line: string): void;
}

/** @throws FaultError when it cannot begin */
export const runDaemon = (options: DaemonOptions, { pid, listener, log }: Process): never => {
  const { socket, hostPrefix, broadcast, timing } = options;
  mkdirSync(dirname(socket), 0o700);
  const store = lockStore(socket, true, log);
  if (!store)
    throw new FaultError({
      kind: "exists",
      what: `dhcp daemon for ${socket}`,
      why: "another one runs",
      fix: `ss -xlp src ${socket}`,
    });
  const loop = openLoop();
  const kernel = openKernel();
  const chance = { xid: () => u32.read(randomBytes(4)), unit: () => u32.read(randomBytes(4)) / 2 ** 32 };
  const daemon = new Daemon({
    ...{ kernel, loop, store, chance, timing, broadcast, hostPrefix, log },
    bootId: bootId(),
    now: bootNow,
  });
  serve(loop, listener ?? listen(socket), daemon, log);
  if (options.pidFile !== undefined) writePid(options.pidFile, pid);
  daemon.resume();
  log(`listens at ${socket}`);
  for (;;)
    try {
      loop.turn(daemon.dueAt() - bootNow());
      daemon.wake(bootNow());
    } catch (error) {
      log(faultMessage(faultOf(error)));
    }
};

const writePid = (path: string, pid: number): void => {
  const fd = openSync(path, O.wronly | O.creat | O.trunc, 0o644);
  writeSync(fd, `${pid}\n`);
  closeSync(fd);
};
