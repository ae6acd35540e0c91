/** Breaks a node of a lab as a fault says. What was done is written down after each change, so that heal knows the way back. */
import { FaultError } from "../../base/fault.ts";
import { apply } from "../../net/apply.ts";
import type { Kernel } from "../../net/kernel.ts";
import { render } from "../../net/plan/render.ts";
import type { LabPlace } from "../place.ts";
import { nameFlag } from "../topology/lab.ts";
import { type Broken, readBroken, writeBroken } from "./broken.ts";
import type { Changes, Ground, LabFault } from "./fault.ts";
import { changeFile, renderFile } from "./files.ts";
import { healBroken } from "./heal.ts";
import { renderStandIn, startStandIn } from "./processes.ts";

export interface BreakOptions {
  /** Each line before it is carried out. */
  readonly explain?: ((line: string) => void) | undefined;
  /** Only the lines. */
  readonly dryRun?: boolean | undefined;
}

/** The lines a person would have typed. */
const linesOf = (ground: Ground, { steps = [], files = [], processes = [] }: Changes): string[] => [
  ...steps.map(render),
  ...files.map((change) => renderFile(ground.at, change)),
  ...processes.map((who) => renderStandIn(ground, who)),
];

const refuseTwice = (fault: LabFault, ground: Ground, broken: readonly Broken[]): void => {
  const same = broken.find((b) => b.fault === fault.name && b.node === ground.node.name);
  if (!same) return;
  throw new FaultError({
    kind: "exists",
    what: `fault ${fault.name} on ${same.node}`,
    why: "it is broken like this already",
    fix: `podwire lab heal${nameFlag(ground.lab.name)} ${fault.name} --node ${same.node}`,
  });
};

/** What the kernel lacks for it. */
const refuseNeedy = (fault: LabFault): void => {
  const answer = fault.needs?.ask();
  if (answer?.is !== "no") return;
  const why = `nothing can be broken like ${fault.name} here: this kernel needs ${answer.needs}`;
  throw new FaultError({ kind: "unavailable", why });
};

/** Under the lab's lock. @throws FaultError exists when it is broken like this already; what went wrong, healed */
export const breakNode = async (
  kernel: Kernel,
  place: LabPlace,
  fault: LabFault,
  ground: Ground,
  options: BreakOptions = {},
): Promise<void> => {
  const before = readBroken(place);
  refuseTwice(fault, ground, before);
  refuseNeedy(fault);
  const changes = fault.break(ground);
  for (const line of linesOf(ground, changes)) options.explain?.(line);
  if (options.dryRun) return;
  let now: Broken = { fault: fault.name, node: ground.node.name, way: [], files: [], processes: [] };
  const note = (more: Partial<Broken>): void => {
    now = { ...now, ...more };
    writeBroken(place, [...before, now]);
  };
  try {
    for (const change of changes.files ?? []) note({ files: [changeFile(ground.at, change), ...now.files] });
    for (const step of changes.steps ?? []) note({ way: [...apply(kernel, [step]).way(), ...now.way] });
    for (const who of changes.processes ?? []) note({ processes: [await startStandIn(ground, who), ...now.processes] });
  } catch (error) {
    healBroken(kernel, now);
    writeBroken(place, before);
    throw error;
  }
};
