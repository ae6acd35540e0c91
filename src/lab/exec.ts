/** Running a program inside a node or a pod: this process becomes it. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Fault, FaultError } from "../base/fault.ts";
import { nearest } from "../base/nearest.ts";
import { enterForGood } from "../kernel/os/enter.ts";
import { execProgram, findProgram } from "../kernel/os/exec.ts";
import { inspectNetns } from "../kernel/os/netns.ts";
import { goneNetns } from "./endpoints.ts";
import { type LabPlace, nodePlace } from "./place.ts";
import type { LabState } from "./state.ts";
import { labOf, nameFlag } from "./topology/lab.ts";

interface Target {
  readonly netns: string;
  readonly hostname: string;
  readonly env: Readonly<Record<string, string>>;
}

/** A node's environment has the names that CNI tools look for. */
const findTarget = (place: LabPlace, state: LabState, name: string): Target => {
  const lab = labOf(state.topology);
  for (const node of lab.nodes) {
    if (node.name === name) {
      const at = nodePlace(place, node);
      const env = { CNI_PATH: at.binDir, NETCONFPATH: at.confDir, PODWIRE_LAB_NODE: node.name };
      return { netns: node.netns, hostname: node.name, env };
    }
    const pod = node.pods.find((p) => p.name === name);
    if (pod) return { netns: pod.netns, hostname: pod.name, env: { PODWIRE_LAB_NODE: node.name } };
  }
  if (name === "underlay") return { netns: lab.underlayNetns, hostname: name, env: {} };
  const pods = lab.nodes.reduce((n, node) => n + node.pods.length, 0);
  const podNames = pods === 0 ? "" : pods === 1 ? ", pod-1" : `, pod-1 to pod-${pods}`;
  const nodeNames = lab.nodes.length === 1 ? "node1" : `node1 to node${lab.nodes.length}`;
  const close = nearest(name, [...lab.nodes.flatMap((n) => [n.name, ...n.pods.map((p) => p.name)]), "underlay"]);
  const meant = close ? `; did you mean ${close}?` : "";
  const why = `lab ${lab.name} has ${nodeNames}${podNames} and underlay${meant}`;
  throw new FaultError({ kind: "not-found", what: name, why, fix: `podwire lab status${nameFlag(lab.name)}` });
};

/** The program cannot be run. `exit` is the status that a shell gives: 127 when it is not there, 126 when it is. */
class ProgramError extends FaultError {
  readonly exit: 126 | 127;
  constructor(exit: 126 | 127, fault: Fault, cause?: unknown) {
    super(fault, cause);
    this.exit = exit;
  }
}

/** That status, when it is what was thrown. */
export const programExit = (error: unknown): 126 | 127 | undefined =>
  error instanceof Error && "exit" in error ? (error as ProgramError).exit : undefined;

const programOf = (name: string, path: string): string => {
  try {
    return findProgram(name, path);
  } catch (error) {
    const places = name.includes("/") ? [name] : path.split(":").map((folder) => join(folder || ".", name));
    const there = places.find((place) => existsSync(place));
    if (there !== undefined) throw notRunnable(name, there, error);
    const where = name.includes("/") ? "there is no such file" : `is in no folder of PATH (${path})`;
    const fix = `install what gives ${name}, or give its path`;
    throw new ProgramError(127, { kind: "not-found", what: `program ${name}`, why: where, fix }, error);
  }
};

const notRunnable = (name: string, file: string, cause: unknown): ProgramError => {
  const why = `${file} is there and cannot be executed`;
  return new ProgramError(126, { kind: "not-found", what: `program ${name}`, why, fix: `ls -l ${file}` }, cause);
};

/** @throws FaultError not-found, bad-netns; ProgramError; else it never comes back */
export const execInLab = (
  place: LabPlace,
  state: LabState,
  name: string,
  argv: readonly string[],
  processEnv: Readonly<Record<string, string | undefined>>,
): never => {
  const target = findTarget(place, state, name);
  if (inspectNetns(target.netns) === "missing") throw goneNetns(place.name, name, target.netns);
  const env = Object.fromEntries(Object.entries(processEnv).filter((e): e is [string, string] => e[1] !== undefined));
  const [program = ""] = argv;
  const file = programOf(program, env.PATH ?? "/usr/sbin:/usr/bin:/sbin:/bin");
  enterForGood(target.netns, target.hostname);
  try {
    return execProgram(file, argv, { ...env, ...target.env });
  } catch (error) {
    throw notRunnable(program, file, error);
  }
};
