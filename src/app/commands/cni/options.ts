/** The options that the `podwire cni` commands share; the environment variables are cnitool's, and flags go before them. */
import { createHash } from "node:crypto";
import { dirname, join, resolve } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { FaultError } from "../../../base/fault.ts";
import { parseJson } from "../../../base/json.ts";
import { reader } from "../../../base/json-read.ts";
import { type Attach, openRuntime, type Runtime, type RuntimeOptions } from "../../../cni/runtime/runtime.ts";
import { netnsPath } from "../../../kernel/os/netns.ts";
import type { Io } from "../../cli/io.ts";

export interface HostFlags {
  readonly confDir?: string;
  readonly binDir?: string;
  readonly cacheDir: string;
  readonly timeout?: number;
}

export interface AttachFlags extends HostFlags {
  readonly ifname?: string;
  readonly containerId?: string;
}

const seconds = (text: string): number => {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError("expected a number of seconds, such as 30");
  return value;
};

const usualPath = ["/opt/cni/bin", "/etc/cni/bin"];

export const hostOptions = (command: Command): Command =>
  command
    .option("--conf-dir <folder>", "network configs (NETCONFPATH; default /etc/cni/net.d)")
    .option("--bin-dir <folders>", `plugins, colons between (CNI_PATH; default ${usualPath.join(":")} and our own)`)
    .option("--cache-dir <folder>", "what ADD leaves for DEL, in libcni's format", "/var/lib/cni")
    .option("--timeout <seconds>", "kill a plugin that gives no answer in that time", seconds);

export const attachOptions = (command: Command): Command =>
  hostOptions(command)
    .option("--ifname <name>", "interface in the container (CNI_IFNAME; default eth0)")
    .option("--container-id <id>", "container ID (default: made from the namespace's path, as cnitool does)");

export const confDirOf = (flags: HostFlags, io: Io): string =>
  resolve(flags.confDir ?? (io.env.NETCONFPATH || "/etc/cni/net.d"));

/** The plugins that were installed come first, then those that stand beside this executable. */
export const pathOf = (flags: HostFlags, io: Io): string[] => {
  const given = flags.binDir ?? io.env.CNI_PATH ?? "";
  if (given !== "") return given.split(":").filter((folder) => folder !== "");
  return [...usualPath, join(dirname(process.execPath), "cni")];
};

export const runtimeOf = (flags: HostFlags, io: Io, more: Partial<RuntimeOptions> = {}): Runtime =>
  openRuntime({
    confDir: confDirOf(flags, io),
    path: pathOf(flags, io),
    cacheDir: resolve(flags.cacheDir),
    env: io.env,
    log: (line) => io.err(`${line}\n`),
    ...(flags.timeout === undefined ? {} : { timeoutMs: flags.timeout * 1000 }),
    ...more,
  });

/** `netns` is a name under /run/netns or a path; empty when it is gone. @throws FaultError bad-env, bad-config */
export const attachOf = (netns: string, flags: AttachFlags, io: Io): Attach => {
  const path = netns === "" ? "" : resolve(netnsPath(netns));
  if (path === "" && !flags.containerId)
    throw new FaultError({
      kind: "bad-env",
      vars: ["--container-id"],
      why: "needed when no network namespace is given; podwire cni list shows those that are attached",
    });
  const capabilities = io.env.CAP_ARGS;
  return {
    netns: path,
    containerId: flags.containerId ?? containerIdOf(path),
    ifname: flags.ifname ?? (io.env.CNI_IFNAME || "eth0"),
    ...(io.env.CNI_ARGS && { args: io.env.CNI_ARGS }),
    ...(capabilities && { capabilityArgs: reader(parseJson(capabilities, "CAP_ARGS"), "CAP_ARGS").raw }),
  };
};

/** cnitool's rule, so that each can delete what the other added. */
export const containerIdOf = (netns: string): string =>
  `cnitool-${createHash("sha512").update(netns).digest().subarray(0, 10).toString("hex")}`;
