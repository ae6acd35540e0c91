/**
 * The only place where a plan changes a kernel. `apply` is all or nothing: a step that fails takes back, in reverse,
 * those before it. `applyEach` tries them all and says which failed: for teardown, where one failure must not hide the rest.
 */
import type { Op } from "../kernel/os/syscall.ts";
import { executors } from "./executors.ts";
import type { Kernel } from "./kernel.ts";
import { render } from "./plan/render.ts";
import type { Step, StepName } from "./plan/step.ts";

export interface ApplyOptions {
  /** Called with each step's line before it is carried out: `--explain`. */
  readonly explain?: ((line: string, step: Step) => void) | undefined;
  /** Print, change nothing: `--dry-run`. */
  readonly dryRun?: boolean | undefined;
}

export interface Failed {
  readonly step: Step;
  readonly error: unknown;
}
export interface Applied {
  readonly done: readonly Step[];
  readonly failed: readonly Failed[];
}

const run = <K extends StepName>(kernel: Kernel, step: Step<K>, op: Op): readonly Step[] => {
  const ground = {
    ns: step.do.startsWith("netns.") ? kernel.host : kernel.open(step.in),
    open: kernel.open,
    forget: kernel.forget,
    op,
  };
  return [executors[step.do](ground, step) ?? []].flat();
};

const perform = (kernel: Kernel, step: Step, options: ApplyOptions): readonly Step[] => {
  options.explain?.(render(step), step);
  return options.dryRun ? [] : run(kernel, step, () => render(step));
};

/** A way to undo what has been applied so far; harmless when called twice. */
export interface Undo {
  undo(): Failed[];
  /** The steps of it, in the order in which they are to be done: for one who undoes in a later process. */
  way(): readonly Step[];
}

const undoing = (kernel: Kernel, backwards: Step[], options: ApplyOptions): Undo => ({
  undo: () => {
    const failed: Failed[] = [];
    for (let step = backwards.pop(); step; step = backwards.pop())
      try {
        perform(kernel, step, options);
      } catch (error) {
        failed.push({ step, error });
      }
    return failed;
  },
  way: () => backwards.toReversed(),
});

/** Carries out all steps, or none: gives the way back. @throws what the failing step threw, after undoing */
export const apply = (kernel: Kernel, steps: readonly Step[], options: ApplyOptions = {}): Undo => {
  const backwards: Step[] = [];
  const way = undoing(kernel, backwards, options);
  try {
    for (const step of steps) backwards.push(...perform(kernel, step, options).toReversed());
  } catch (error) {
    way.undo();
    throw error;
  }
  return way;
};

/** Carries out every step that it can. */
export const applyEach = (kernel: Kernel, steps: readonly Step[], options: ApplyOptions = {}): Applied => {
  const done: Step[] = [];
  const failed: Failed[] = [];
  for (const step of steps)
    try {
      perform(kernel, step, options);
      done.push(step);
    } catch (error) {
      failed.push({ step, error });
    }
  return { done, failed };
};
