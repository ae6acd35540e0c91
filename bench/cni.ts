/** A plugin as a runtime runs it: a process, a config on stdin, an answer on stdout. */

import { closeSync } from "node:fs";
import { createNetns, deleteNetns, inNetns, openNetns } from "../src/kernel/os/netns.ts";
import { applyEach } from "../src/net/apply.ts";
import { openKernel } from "../src/net/kernel.ts";
import { listLinks } from "../src/net/links.ts";

export interface Side {
  readonly name: "podwire" | "go";
  readonly binDir: string;
}
export const podwire: Side = { name: "podwire", binDir: `${process.cwd()}/dist/cni` };
export const go: Side = { name: "go", binDir: process.env.CNI_GO_PATH ?? "/usr/lib/cni" };

export const env = (side: Side, command: string, id: string, netns: string): Record<string, string> => ({
  PATH: process.env.PATH ?? "",
  CNI_COMMAND: command,
  CNI_CONTAINERID: id,
  CNI_NETNS: netns,
  CNI_IFNAME: "eth0",
  CNI_PATH: side.binDir,
});

export interface Answer {
  readonly ms: number;
  readonly stdout: string;
  /** Peak resident memory, MiB. */
  readonly peak: number;
}

/** A process is in the namespace of the thread that started it. */
const within = <T>(node: string, start: () => T): T => {
  const fd = openNetns(node);
  try {
    return inNetns(fd, start);
  } finally {
    closeSync(fd);
  }
};

/** Runs one verb and waits for it; `node` is the namespace that is the host, unless it is ours. @throws with its output when it fails */
export const call = async (
  side: Side,
  plugin: string,
  vars: Record<string, string>,
  config: object,
  node?: string,
): Promise<Answer> => {
  const stdin = Buffer.from(JSON.stringify(config));
  const spawn = () => Bun.spawn([`${side.binDir}/${plugin}`], { env: vars, stdin, stdout: "pipe", stderr: "pipe" });
  const start = Bun.nanoseconds();
  const child = node === undefined ? spawn() : within(node, spawn);
  const exit = await child.exited;
  const ms = (Bun.nanoseconds() - start) / 1e6;
  const stdout = await new Response(child.stdout).text();
  if (exit !== 0)
    throw new Error(
      `${side.name} ${plugin} ${vars.CNI_COMMAND}: exit ${exit}\n${stdout}\n${await new Response(child.stderr).text()}`,
    );
  return { ms, stdout, peak: (child.resourceUsage()?.maxRSS ?? 0) / 1024 / 1024 };
};

/** A bridge that a plugin left, with its ports. */
const dropBridge = (name: string): void => {
  using kernel = openKernel();
  const links = listLinks(kernel.host);
  const bridge = links.find((l) => l.name === name);
  const gone = links.filter((l) => l === bridge || (bridge && l.master === bridge.index));
  applyEach(
    kernel,
    gone.map((l) => ({ do: "link.del", in: "", name: l.name, orGone: true })),
  );
};

/** Namespaces for pods, made before and removed after, with the bridges that plugins leave; none of it is timed. */
export const withPods = async <T>(
  names: readonly string[],
  act: (path: (name: string) => string) => Promise<T>,
  bridges: readonly string[] = [],
): Promise<T> => {
  for (const name of names) createNetns(name);
  try {
    return await act((name) => `/run/netns/${name}`);
  } finally {
    for (const name of bridges) dropBridge(name);
    for (const name of names) deleteNetns(name);
  }
};
