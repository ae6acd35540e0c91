/** One change of the firewall at a time, over all processes; it ends with the process, however that ends. */
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { openRangeLocks } from "../../kernel/os/range-lock.ts";

export const lockPath = "/run/podwire/firewall.lock";

/** `waiting` is told when another is at work. */
export const lockFirewall = async (waiting: () => void, path = lockPath): Promise<Disposable> => {
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  const locks = openRangeLocks(path);
  if (!locks.try(0, "exclusive")) {
    waiting();
    // The kernel tells no one of a release, and a wait in the kernel could not be interrupted by Ctrl-C.
    while (!locks.try(0, "exclusive")) await Bun.sleep(50);
  }
  return locks;
};
