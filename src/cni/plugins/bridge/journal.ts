/** What one ADD has made so far, and the way back. */
import { apply } from "../../../net/apply.ts";
import type { Kernel } from "../../../net/kernel.ts";
import { findLink } from "../../../net/links.ts";
import type { Step } from "../../../net/plan/step.ts";
import { hasPorts } from "./state.ts";

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

  /** The same for steps that make a bridge: it stays when another pod has joined it meanwhile. */
  runShared(steps: readonly Step[], bridge: string): void {
    const { undo } = apply(this.#kernel, steps);
    this.#back.push(() => {
      const link = findLink(this.#kernel.host, bridge);
      return link && hasPorts(this.#kernel.host, link) ? [] : undo().map((f) => f.error);
    });
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
