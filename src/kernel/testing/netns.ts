/**
 * Throwaway network namespaces for tests. Each is named after the process that made it, so that what a killed run left
 * behind is known as such and swept by the next; nothing is ever done in the namespace that the test runs in.
 */
import { readFileSync } from "node:fs";
import { createNetns, deleteNetns, listNetns, netnsPath } from "../os/netns.ts";
import { belongings, leaks } from "./leaks.ts";
import { run } from "./run.ts";

export interface TestNetns extends Disposable {
  /** As `ip netns` knows it. */
  readonly name: string;
  readonly path: string;
  /** Runs `ip -n NAME <words of line>` and gives its output. @throws Error quoting `ip` */
  ip(line: string): string;
  /** `ip -n NAME -details -json <words of line>`, parsed. */
  ipJson<T = Record<string, unknown>>(line: string): T[];
  /** `bridge -n NAME -details -json <words of line>`, parsed. */
  bridgeJson<T = Record<string, unknown>>(line: string): T[];
  /** `tc -n NAME -details -json <words of line>`, parsed. */
  tcJson<T = Record<string, unknown>>(line: string): T[];
  /** Runs a shell script inside and gives its output. */
  sh(script: string): string;
}

const PREFIX = "podtest";

/** Start time of a process in clock ticks since boot (proc(5), stat field 22): with the PID it names one process. */
const startTime = (pid: string): string | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
};

const owner = `${PREFIX}-${process.pid}-${startTime("self")}`;
const isMine = (name: string): boolean => name.startsWith(`${owner}-`);
let count = 0;
let swept = false;

/** Removes the test namespaces of processes that are no more; gives their names. */
export const sweepNetns = (): string[] =>
  listNetns().filter((name) => {
    const [, pid, start] = /^podtest-(\d+)-(\d+)-/.exec(name) ?? [];
    if (pid === undefined || startTime(pid) === start) return false;
    return deleteNetns(name);
  });

const words = (line: string): string[] => line.split(/\s+/).filter((w) => w !== "");
const parsed = <T>(text: string): T[] => {
  const value: unknown = text.trim() === "" ? [] : JSON.parse(text);
  // `ip -j` stands an empty object for what a filter leaves out.
  return (value as T[]).filter((x) => Object.keys(x as object).length > 0);
};

/** A namespace that goes when it is disposed of. Loopback is down, as the kernel leaves it. */
export const makeNetns = (): TestNetns => {
  if (!swept) sweepNetns();
  swept = true;
  const name = `${owner}-${++count}`;
  createNetns(name);
  const path = netnsPath(name);
  return {
    name,
    path,
    ip: (line) => run(["ip", "-n", name, ...words(line)]),
    ipJson: (line) => parsed(run(["ip", "-n", name, "-details", "-json", ...words(line)])),
    bridgeJson: (line) => parsed(run(["bridge", "-n", name, "-details", "-json", ...words(line)])),
    tcJson: (line) => parsed(run(["tc", "-n", name, "-details", "-json", ...words(line)])),
    sh: (script) => run(["nsenter", `--net=${path}`, "sh", "-ec", script]),
    [Symbol.dispose]: () => {
      deleteNetns(name);
    },
  };
};

/**
 * Runs `act` with a throwaway namespace, removes it, and fails when a descriptor, a namespace or a link of the test's
 * own namespace was left behind. Nests: two namespaces are two calls.
 */
export const withNetns = async <T>(act: (ns: TestNetns) => T | Promise<T>): Promise<T> => {
  const before = belongings(isMine);
  const result = await inside(act);
  const left = leaks(before, belongings(isMine));
  if (left.length > 0) throw new Error(`left behind: ${left.join(", ")}`);
  return result;
};

const inside = async <T>(act: (ns: TestNetns) => T | Promise<T>): Promise<T> => {
  using ns = makeNetns();
  return await act(ns);
};
