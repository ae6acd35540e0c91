/** Every network namespace of the machine: our own, those with a name, and those that only processes hold, such as pods'. */
import { inspectNetns, listNetns, netnsDir } from "../../kernel/os/netns.ts";
import { PROC, processIds, unlessGone } from "../../kernel/os/proc.ts";
import { type Container, containerOf } from "./container.ts";

/** Loaded when it is needed: most that is shown needs no files, and the program starts often. */
const fs = () => process.getBuiltinModule("node:fs");

export interface NamespaceFound {
  /** By what it is told: its name, its container, or a process. */
  readonly name: string;
  /** A path that opens it; empty for our own. */
  readonly path: string;
  readonly inode: number;
  readonly is: "own" | "named" | "held";
  readonly container?: Container;
  /** The oldest process in it. */
  readonly process?: { readonly pid: number; readonly comm: string };
}

export interface Namespaces {
  readonly found: readonly NamespaceFound[];
  /** Processes of which we may not see where they are. */
  readonly hidden: number;
}

const inodeOf = (path: string): number | undefined => fs().statSync(path, { throwIfNoEntry: false })?.ino;

const read = (path: string): string => unlessGone(() => fs().readFileSync(path, "utf8")) ?? "";

/** One process for each namespace, the oldest. */
const byProcess = (proc: string): { readonly pids: ReadonlyMap<number, number>; readonly hidden: number } => {
  const pids = new Map<number, number>();
  let hidden = 0;
  for (const pid of processIds(proc))
    try {
      const inode = Number(fs().readlinkSync(`${proc}/${pid}/ns/net`).slice(5, -1));
      if (!pids.has(inode)) pids.set(inode, pid);
    } catch (error) {
      // One that ended meanwhile is in no namespace.
      if ((error as NodeJS.ErrnoException).code === "EACCES") hidden++;
    }
  return { pids, hidden };
};

/** init and the kernel's own are where the machine is. */
const isFirst = (pid: number | undefined): boolean => pid === 1 || pid === 2;

const short = ({ runtime, id }: Container): string => `${runtime}:${id.slice(0, 12)}`;

export const findNamespaces = (proc = PROC): Namespaces => {
  const { pids, hidden } = byProcess(proc);
  const named = new Map<number, string>();
  for (const name of listNetns()) {
    const path = `${netnsDir}/${name}`;
    // A plain file is what a crash may leave of a name.
    const kind = inspectNetns(path);
    if (kind !== "own" && kind !== "other") continue;
    const inode = inodeOf(path);
    if (inode !== undefined && !named.has(inode)) named.set(inode, name);
  }
  const own = inodeOf("/proc/thread-self/ns/net")!;
  const holder = (inode: number): Pick<NamespaceFound, "process" | "container"> => {
    const pid = pids.get(inode);
    if (pid === undefined) return {};
    const comm = read(`${proc}/${pid}/comm`).trimEnd();
    const container = inode === own ? undefined : containerOf(read(`${proc}/${pid}/cgroup`));
    return { process: { pid, comm }, ...(container && { container }) };
  };
  const found: NamespaceFound[] = [
    {
      name: named.get(own) ?? (isFirst(pids.get(own)) ? "host" : "own"),
      path: "",
      inode: own,
      is: "own",
      ...holder(own),
    },
  ];
  for (const [inode, name] of named)
    if (inode !== own) found.push({ name, path: `${netnsDir}/${name}`, inode, is: "named", ...holder(inode) });
  for (const [inode, pid] of pids) {
    if (inode === own || named.has(inode)) continue;
    const held = holder(inode);
    const other = held.container ? short(held.container) : `${held.process?.comm || "process"}:${pid}`;
    const name = isFirst(pid) ? "host" : other;
    found.push({ name, path: `${proc}/${pid}/ns/net`, inode, is: "held", ...held });
  }
  return { found, hidden };
};
