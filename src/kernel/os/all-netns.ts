/** Every network namespace that something keeps and that we can see: the mounts of this mount namespace, and processes. */
import { readFileSync } from "node:fs";
import { ownNetnsId } from "./netns.ts";
import { namespaceOf, processIds } from "./proc.ts";

/** As `net:[4026531840]`, which is what both the mounts and /proc/PID/ns call one. */
const nameOf = (inode: string): string => `net:[${inode}]`;

/** A space and the like in a path, as /proc/PID/mountinfo writes it: `\040`. */
const plainPath = (path: string): string =>
  path.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));

/** Of each mounted one its name and where: proc_pid_mountinfo(5), fields 4 and 5. */
export const mountedIn = (mountinfo: string): [name: string, path: string][] =>
  mountinfo.split("\n").flatMap((line) => {
    const [, , , root = "", path = ""] = line.split(" ");
    return root.startsWith("net:[") ? [[root, plainPath(path)]] : [];
  });

const ofProcesses = (): [name: string, path: string][] =>
  processIds().flatMap((pid) => {
    const name = namespaceOf(pid, "net");
    return name === undefined ? [] : [[name, `/proc/${pid}/ns/net`] as [string, string]];
  });

/** A path to each namespace besides the one we run in; a mount's where there is one. */
export const otherNetns = (): string[] => {
  // Later ones replace earlier ones: a mount stays when a process ends.
  const found = new Map([...ofProcesses(), ...mountedIn(readFileSync("/proc/self/mountinfo", "utf8"))]);
  found.delete(nameOf(ownNetnsId()));
  return [...found.values()];
};
