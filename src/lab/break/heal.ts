/** Takes back what a fault changed. Tries all of it, so that one thing that somebody else has mended hides no other. */
import { joinFaults } from "../../base/fault.ts";
import { killProcess } from "../../kernel/os/process-list.ts";
import { applyEach } from "../../net/apply.ts";
import type { Kernel } from "../../net/kernel.ts";
import { render } from "../../net/plan/render.ts";
import type { LabPlace } from "../place.ts";
import { type Broken, readBroken, writeBroken } from "./broken.ts";
import { renderRestore, restoreFile } from "./files.ts";

export const linesOfHealing = ({ way, files, processes }: Broken): string[] => [
  ...processes.map(({ pid }) => `kill -9 ${pid}`),
  ...way.map(render),
  ...files.map(renderRestore),
];

/** Gives what could not be taken back. */
export const healBroken = (kernel: Kernel, { way, files, processes }: Broken): unknown[] => {
  for (const process of processes) killProcess(process);
  const { failed } = applyEach(kernel, way);
  const errors: unknown[] = failed.map(({ error }) => error);
  for (const file of files)
    try {
      restoreFile(file);
    } catch (error) {
      errors.push(error);
    }
  return errors;
};

/** Under the lab's lock: those that are chosen, the last broken first. @throws FaultError what could not be taken back */
export const healNodes = (
  kernel: Kernel,
  place: LabPlace,
  chosen: (broken: Broken) => boolean,
  explain?: ((line: string) => void) | undefined,
): Broken[] => {
  const all = readBroken(place);
  const healed = all.filter(chosen).reverse();
  const errors = healed.flatMap((broken) => {
    for (const line of linesOfHealing(broken)) explain?.(line);
    return healBroken(kernel, broken);
  });
  writeBroken(
    place,
    all.filter((broken) => !healed.includes(broken)),
  );
  if (errors.length > 0) throw joinFaults(errors);
  return healed;
};
