/**
 * What a lab is made of, on disk before it is made: a command that is killed half-way leaves a state that names
 * everything that may exist, so the next `up` or `down` clears it.
 */
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { FaultError } from "../base/fault.ts";
import type { LabPlace } from "./place.ts";
import { isLabName } from "./topology/name.ts";
import type { Topology } from "./topology/schema.ts";

export interface LabState {
  readonly apiVersion: "podwire.dev/v1alpha1";
  readonly kind: "LabState";
  /** `building` until everything is there. */
  readonly phase: "building" | "running";
  readonly topology: Topology;
  /** Folder the plugin executables were taken from. */
  readonly cniBinDir: string;
  /** Paths of all namespaces, whether they are there yet or not. */
  readonly namespaces: readonly string[];
  /** What the plugin gave each pod: addresses by pod name. */
  readonly podIps: Readonly<Record<string, readonly string[]>>;
}

/** Undefined when there is no such lab. @throws FaultError unavailable for a file that is not ours */
export const readState = (place: LabPlace): LabState | undefined => {
  let text: string;
  try {
    text = readFileSync(place.stateFile, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw error;
  }
  try {
    const state = JSON.parse(text) as LabState;
    if (state.kind === "LabState" && Array.isArray(state.namespaces)) return state;
  } catch {
    // told below, as any other file that is not a state
  }
  throw new FaultError({
    kind: "unavailable",
    why: `${place.stateFile} is not the state of a lab, so what lab ${place.name} made cannot be told`,
    fix: `rm -r ${place.dir} && ip netns list | grep ^${place.name}-`,
  });
};

export const writeState = (place: LabPlace, state: LabState): void => {
  mkdirSync(dirname(place.stateFile), { recursive: true, mode: 0o700 });
  const part = `${place.stateFile}.part`;
  const fd = openSync(part, "w", 0o600);
  try {
    writeSync(fd, `${JSON.stringify(state, null, 2)}\n`);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(part, place.stateFile);
};

export const removeState = (place: LabPlace): void => rmSync(place.dir, { recursive: true, force: true });

/** Names of the labs that have a state, sorted. */
export const listLabs = (base: string): string[] => {
  try {
    return readdirSync(base, { withFileTypes: true })
      .filter((e) => e.isDirectory() && isLabName(e.name))
      .map((e) => e.name)
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
};
