/** What carries out a step. */
import { FaultError } from "../base/fault.ts";
import type { Op } from "../kernel/os/syscall.ts";
import type { Netns } from "./kernel.ts";
import type { OpenNetns } from "./links.ts";
import type { Step, StepName } from "./plan/step.ts";

export interface Ground {
  readonly ns: Netns;
  readonly open: OpenNetns;
  readonly forget: (path: string) => void;
  /** The rendered line, for errors. */
  readonly op: Op;
}

/**
 * Gives the steps that undo it, in the order in which to take them; nothing when there is nothing to take back.
 * Deletions of links and namespaces cannot be taken back: they stand last in a plan, or are carried out by `applyEach`.
 */
export type Executor<K extends StepName> = (g: Ground, step: Step<K>) => Step | readonly Step[] | undefined;

const errnoOf = (error: unknown): string | undefined =>
  error instanceof FaultError && (error.fault.kind === "kernel" || error.fault.kind === "io")
    ? error.fault.errno
    : undefined;

/** Runs `act`; gives true when it failed with one of `errnos`, which then counts as done. */
export const tolerate = (errnos: readonly string[], act: () => void): boolean => {
  try {
    act();
    return false;
  } catch (error) {
    const errno = errnoOf(error);
    if (errno !== undefined && errnos.includes(errno)) return true;
    throw error;
  }
};
