/** What the daemon stands on, the same for all leases. */
import type { Kernel } from "../../../../net/kernel.ts";
import type { Store } from "../store.ts";
import type { Chance } from "./exchange.ts";
import type { Loop } from "./loop.ts";
import type { Timing } from "./pace.ts";

export interface Ground {
  readonly kernel: Kernel;
  readonly loop: Loop;
  readonly store: Store;
  readonly chance: Chance;
  readonly timing: Timing;
  readonly bootId: string;
  /** Servers are asked to answer by broadcast. */
  readonly broadcast: boolean;
  /** Goes before the paths of namespaces. */
  readonly hostPrefix: string;
  /** Milliseconds of the boot clock. */
  now(): number;
  log(line: string): void;
}

/** Where the daemon sees the namespace that a plugin names. */
export const seenAt = (g: Ground, netns: string): string => `${g.hostPrefix}${netns}`;

/** Closes the door afterwards: a daemon that held it open would keep a deleted namespace alive. */
export const visiting = <T>(g: Ground, netns: string, act: (path: string, kernel: Kernel) => T): T => {
  const path = seenAt(g, netns);
  try {
    return act(path, g.kernel);
  } finally {
    g.kernel.forget(path);
  }
};
