/** Making a lab: state first, then folders, underlay and nodes, then pods, several plugin calls at a time. */
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { FaultError, joinFaults } from "../base/fault.ts";
import { apply } from "../net/apply.ts";
import type { Kernel } from "../net/kernel.ts";
import { type Attach, attachWith } from "./attach.ts";
import { readBroken } from "./break/broken.ts";
import { removeLab } from "./down.ts";
import type { LabPlace } from "./place.ts";
import { type LabPlan, type PlannedPod, planLab } from "./plan/plan.ts";
import { renderAdd } from "./plan/render.ts";
import { findPlugins } from "./plugins.ts";
import { type LabState, readState, writeState } from "./state.ts";
import { type Lab, labOf, namespacesOf } from "./topology/lab.ts";
import type { Topology } from "./topology/schema.ts";
import { viewLab } from "./view/read.ts";

export interface UpOptions {
  /** Each line before it is carried out. */
  readonly explain?: ((line: string) => void) | undefined;
  readonly progress?: ((done: number, all: number, what: string) => void) | undefined;
  /** What plugins write to stderr, line by line. */
  readonly log?: ((line: string) => void) | undefined;
  /** Stops it between two pods; what was made goes, as after any failure. */
  readonly signal?: AbortSignal | undefined;
}

/** `kept`: it was running like this already. `remade`: something of that name was there, and has been replaced. */
export type UpOutcome = "made" | "kept" | "remade";

/** Two labs are the same when everything about them is, however it was written. */
const sameLab = (a: Topology, b: Topology): boolean => JSON.stringify(labOf(a)) === JSON.stringify(labOf(b));

/** Under the lab's lock. @throws FaultError what went wrong; nothing of the lab is left then */
export const makeLab = async (
  kernel: Kernel,
  place: LabPlace,
  topology: Topology,
  options: UpOptions = {},
): Promise<UpOutcome> => {
  const lab = labOf(topology);
  const { from: cniBinDir, files } = findPlugins(lab.cniBinDir);
  const before = readState(place);
  const same = before && before.cniBinDir === cniBinDir && sameLab(before.topology, topology);
  const whole = (): boolean => viewLab(kernel, before!).problems.length === 0 && readBroken(place).length === 0;
  if (same && before.phase === "running" && whole()) return "kept";
  if (before) removeLab(place);
  refuseStrangers(kernel, lab);

  const plan = planLab(lab, place, files);
  const state: LabState = {
    apiVersion: "podwire.dev/v1alpha1",
    kind: "LabState",
    phase: "building",
    topology,
    cniBinDir,
    namespaces: namespacesOf(lab),
    podIps: {},
  };
  writeState(place, state);
  try {
    writeFiles(plan);
    apply(kernel, plan.steps, options);
    const podIps = await makePods(kernel, place, plan, options);
    writeState(place, { ...state, phase: "running", podIps });
  } catch (error) {
    removeLab(place);
    throw error;
  }
  return before ? "remade" : "made";
};

/** A namespace of ours by name that no state of ours speaks of is somebody else's. */
const refuseStrangers = (kernel: Kernel, lab: Lab): void => {
  for (const path of namespacesOf(lab)) {
    if (kernel.inspect(path) === "missing") continue;
    const name = path.slice(path.lastIndexOf("/") + 1);
    throw new FaultError({
      kind: "exists",
      what: `network namespace ${name}`,
      why: "is there, and no lab that podwire knows made it",
      fix: `ip netns del ${name}, or podwire lab up --name another`,
    });
  }
};

const writeFiles = (plan: LabPlan): void => {
  for (const dir of plan.dirs) mkdirSync(dir, { recursive: true });
  for (const file of plan.files) writeFileSync(file.path, file.text);
  for (const link of plan.links) {
    rmSync(link.path, { force: true });
    symlinkSync(link.target, link.path);
  }
};

/** One more than there are processors: a plugin waits for the kernel now and then. */
const inFlight = availableParallelism() + 1;

/**
 * Nodes side by side, the pods of one node in turn: they would wait for each other's lock anyway, and so the same
 * lab always has the same addresses.
 */
const makePods = async (
  kernel: Kernel,
  place: LabPlace,
  plan: LabPlan,
  { explain, progress, log = () => {}, signal }: UpOptions,
): Promise<Record<string, readonly string[]>> => {
  // The network of a pod whose plugin was stopped goes with its namespace: its troubles are no news.
  const unlessStopped = (line: string): void => {
    if (!signal?.aborted) log(line);
  };
  const attach: Attach = attachWith(kernel, place, { log: unlessStopped, signal });
  const podIps: Record<string, readonly string[]> = {};
  const errors: unknown[] = [];
  let done = 0;
  const one = async (planned: PlannedPod): Promise<void> => {
    apply(kernel, planned.steps, { explain });
    kernel.forget(planned.pod.netns);
    explain?.(renderAdd(place, planned));
    podIps[planned.pod.name] = await attach(planned);
    progress?.(++done, plan.pods.length, planned.pod.name);
  };
  const queues = [...Map.groupBy(plan.pods, (p) => p.node).values()];
  const worker = async (): Promise<void> => {
    for (let pods = queues.shift(); pods; pods = queues.shift())
      for (const planned of pods) {
        if (errors.length > 0) return;
        await one(planned).catch((error: unknown) => {
          errors.push(error);
        });
      }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  if (errors.length > 0) throw joinFaults(errors);
  return podIps;
};
