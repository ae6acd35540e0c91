/** What is broken in a lab now, and the way back: a file in the lab's folder, so that a later command heals and `down` forgets. */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { FaultError } from "../../base/fault.ts";
import type { ProcessMark } from "../../kernel/os/process-list.ts";
import type { Step } from "../../net/plan/step.ts";
import type { LabPlace } from "../place.ts";
import type { FileBefore } from "./files.ts";

export interface Broken {
  readonly fault: string;
  readonly node: string;
  /** Steps that take the changes of the kernel back, in the order in which they are to be done. */
  readonly way: readonly Step[];
  readonly files: readonly FileBefore[];
  readonly processes: readonly ProcessMark[];
}

const fileOf = (place: LabPlace): string => join(place.dir, "broken.json");

/** JSON has no bytes and no large numbers; steps of nf_tables do. */
const keep = (_key: string, value: unknown): unknown => {
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString("hex") };
  return typeof value === "bigint" ? { $big: String(value) } : value;
};
const revive = (_key: string, value: unknown): unknown => {
  if (typeof value !== "object" || value === null) return value;
  if ("$bytes" in value) return new Uint8Array(Buffer.from(String(value.$bytes), "hex"));
  return "$big" in value ? BigInt(String(value.$big)) : value;
};

/** In the order in which they were broken. @throws FaultError unavailable for a file that is not ours */
export const readBroken = (place: LabPlace): Broken[] => {
  const path = fileOf(place);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  try {
    const { broken } = JSON.parse(text, revive) as { broken: Broken[] };
    if (Array.isArray(broken)) return broken;
  } catch {
    // told below
  }
  throw new FaultError({
    kind: "unavailable",
    why: `${path} cannot be read, so what was broken cannot be healed`,
    fix: `podwire lab down --name ${place.name} && podwire lab up --name ${place.name}`,
  });
};

export const writeBroken = (place: LabPlace, broken: readonly Broken[]): void => {
  const path = fileOf(place);
  if (broken.length === 0) {
    rmSync(path, { force: true });
    return;
  }
  const fd = openSync(`${path}.part`, "w", 0o600);
  try {
    const head = { apiVersion: "podwire.dev/v1alpha1", kind: "LabBroken" };
    writeSync(fd, `${JSON.stringify({ ...head, broken }, keep, 2)}\n`);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(`${path}.part`, path);
};
