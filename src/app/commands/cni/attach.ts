/** `podwire cni add`, `del` and `check`: one attachment. */
import type { Command } from "commander";
import { FaultError } from "../../../base/fault.ts";
import type { LoadedNetwork } from "../../../cni/runtime/runtime.ts";
import { encodeResult, printResult } from "../../../cni/spec/result.ts";
import type { CommandContext } from "../../cli/command.ts";
import type { Io } from "../../cli/io.ts";
import { foundBy } from "./found.ts";
import { type AttachFlags, attachOf, attachOptions, pathOf, runtimeOf } from "./options.ts";
import { showPlan, showRun } from "./show-runs.ts";

export interface RunFlags {
  readonly dryRun?: boolean;
  readonly explain?: boolean;
}

type Flags = AttachFlags & RunFlags;

export const runOptions = (command: Command): Command =>
  command
    .option("--dry-run", "print the plugin calls as shell lines, run nothing")
    .option("--explain", "print the plugin calls on stderr as they are made");

export const watchOf = (flags: Flags | RunFlags, path: readonly string[], io: Io) =>
  flags.explain ? { watch: (run: Parameters<typeof showRun>[0]) => io.err(showRun(run, path)) } : {};

export const addCommand = (cni: Command, { io, action }: CommandContext): void => {
  runOptions(attachOptions(cni.command("add <network> <netns>")))
    .description("attach a namespace to a network and print the result")
    .addHelpText("after", addExamples)
    .action(
      action(async (name: string, netns: string, flags: Flags) => {
        const path = pathOf(flags, io);
        const runtime = runtimeOf(flags, io, watchOf(flags, path, io));
        const list = runtime.network(name);
        const attach = attachOf(netns, flags, io);
        if (flags.dryRun) io.out(showPlan(runtime.plan("ADD", list, attach), path));
        else
          return await foundBy(io, async () => {
            const result = await runtime.add(list, attach);
            io.out(`${printResult(encodeResult(result, list.cniVersion))}\n`);
          });
        return 0;
      }),
    );
};

const addExamples = `
Examples:
  ip netns add web && podwire cni add example-network web
  podwire cni add example-network /run/netns/web --ifname net1
  CAP_ARGS='{"portMappings":[{"hostPort":8080,"containerPort":80,"protocol":"tcp"}]}' podwire cni add pods web
`;

const delExamples = `
Examples:
  podwire cni del example-network web                                 fine also when it is gone already
  podwire cni del example-network --container-id 5f2c --ifname eth0   when the namespace is gone
`;

export const delCommand = (cni: Command, { io, action }: CommandContext): void => {
  runOptions(attachOptions(cni.command("del <network> [netns]")))
    .description("detach it, by the config that add used, even if that file is gone")
    .option("--past-failures", "free the address even when a plugin that may still use it failed")
    .addHelpText("after", delExamples)
    .action(
      action(async (name: string, netns: string | undefined, flags: Flags & { pastFailures?: boolean }) => {
        const path = pathOf(flags, io);
        const runtime = runtimeOf(flags, io, watchOf(flags, path, io));
        const attach = attachOf(netns ?? "", flags, io);
        const list = orName(() => runtime.network(name), name);
        if (flags.dryRun) io.out(showPlan(runtime.plan("DEL", list, attach), path));
        else return await foundBy(io, () => runtime.del(list, attach, { pastFailures: flags.pastFailures ?? false }));
        return 0;
      }),
    );
};

/** The name alone will do when the cache knows the rest. */
const orName = (find: () => LoadedNetwork, name: string): LoadedNetwork | string => {
  try {
    return find();
  } catch (error) {
    if (error instanceof FaultError && error.fault.kind === "not-found") return name;
    throw error;
  }
};

const checkExamples = `
Examples:
  podwire cni check example-network web             silent and 0 when all is well
  podwire cni check example-network web --explain   with the plugin calls
`;

export const checkCommand = (cni: Command, { io, action }: CommandContext): void => {
  runOptions(attachOptions(cni.command("check <network> <netns>")))
    .description("is the attachment still as add left it?")
    .addHelpText("after", checkExamples)
    .action(
      action(async (name: string, netns: string, flags: Flags) => {
        const path = pathOf(flags, io);
        const runtime = runtimeOf(flags, io, watchOf(flags, path, io));
        const list = runtime.network(name);
        const attach = attachOf(netns, flags, io);
        if (flags.dryRun) io.out(showPlan(runtime.plan("CHECK", list, attach), path));
        else return await foundBy(io, () => runtime.check(list, attach));
        return 0;
      }),
    );
};
