/** What one ADD has made so far, and the way back. */
import { apply } from "../net/apply.ts";
import type { Kernel } from "../net/kernel.ts";
import type { Step } from "../net/plan/step.ts";

export class Journal {
  readonly #kernel: Kernel;
  #back: (() => readonly unknown[])[] = [];

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** Carries out the steps, or none of them. @throws what the failing step threw */
  run(steps: readonly Step[]): void {
    const { undo } = apply(this.#kernel, steps);
    this.#back.push(() => undo().map((f) => f.error));
  }

  /**
   * The same for what others come to rely on (a bridge, its addresses, forwarding): it is taken back only when `inUse`
   * says no. One by one, so that `inUse` is asked about those before a step that fails, too.
   */
  runShared(steps: readonly Step[], inUse: () => boolean): void {
    const undos: (() => readonly { readonly error: unknown }[])[] = [];
    this.#back.push(() => (inUse() ? [] : undos.reverse().flatMap((undo) => undo().map((f) => f.error))));
    for (const step of steps) undos.push(apply(this.#kernel, [step]).undo);
  }

  /** Has what was done elsewhere taken back with the rest. */
  add(back: () => readonly unknown[]): void {
    this.#back.push(back);
  }

  /** Takes everything back, last first; gives what failed. */
  takeBack(): unknown[] {
    const failed: unknown[] = [];
    for (let back = this.#back.pop(); back; back = this.#back.pop())
      try {
        failed.push(...back());
      } catch (error) {
        failed.push(error);
      }
    return failed;
  }
}
