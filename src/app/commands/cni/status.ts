/** `podwire cni status`: would an add work now? Exit status 1 when it is known that it would not. */
import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { FaultError, joinFaults } from "../../../base/fault.ts";
import { locate } from "../../../base/json-locate.ts";
import { problemText } from "../../../cni/runtime/conf-dir.ts";
import { judge } from "../../../cni/runtime/judge.ts";
import { takenOf } from "../../../cni/runtime/pick.ts";
import type { LoadedNetwork, Probed, Runtime } from "../../../cni/runtime/runtime.ts";
import { hasVerb, newestVersion, verbSince } from "../../../cni/spec/version.ts";
import type { CommandContext } from "../../cli/command.ts";
import { showFault } from "../../cli/show-fault.ts";
import { foundBy } from "./found.ts";
import { stopsText } from "./list.ts";
import { type HostFlags, hostOptions, runtimeOf } from "./options.ts";

const examples = `
Examples:
  podwire cni status        the network that a container runtime takes
  podwire cni status pods   another

Plugins can be asked since CNI ${verbSince.STATUS}. For a network of an older version, plugins that also speak ${newestVersion} are asked in
that version. Of others podwire only knows that they are installed and speak the version, and that the config is right.
`;

export const statusCommand = (cni: Command, { io, action }: CommandContext): void => {
  hostOptions(cni.command("status [network]"))
    .description("would an add succeed now? checks config and plugins, and asks them")
    .addHelpText("after", examples)
    .action(
      action(async (name: string | undefined, flags: HostFlags) => {
        const runtime = runtimeOf(flags, io);
        const list = runtime.network(name);
        const stops = name === undefined ? takenOf(runtime.networks()).stops : undefined;
        if (stops) io.err(stopsText(stops));
        const probed = await runtime.probe(list);
        const wrong = [...probed.flatMap((p) => (p.fault ? [new FaultError(p.fault)] : [])), ...(await misread(list))];
        if (wrong.length > 0) {
          showFault(io, joinFaults(wrong));
          return 1;
        }
        const exit = await foundBy(io, () => ask(runtime, list, probed));
        if (exit === 0) io.err(`${wordsFor(list, probed)}\n`);
        return stops ? 1 : exit;
      }),
    );
};

/** What the plugins of this executable would refuse. */
const misread = async (list: LoadedNetwork): Promise<FaultError[]> => {
  const text = readFileSync(list.file, "utf8");
  const errors = (await judge(list)).filter((j) => j.is === "error");
  return errors.map(({ at, fault }) => {
    const told = problemText({ file: list.file, fault, place: locate(text, at) });
    return new FaultError({ kind: "unavailable", why: told, fix: `podwire cni validate ${list.file}` });
  });
};

const hasStatus = ({ cniVersion }: LoadedNetwork): boolean => hasVerb(cniVersion, "STATUS");
const allSpeakNewest = (probed: readonly Probed[]): boolean =>
  probed.every((p) => p.supportedVersions.includes(newestVersion));

const ask = async (runtime: Runtime, list: LoadedNetwork, probed: readonly Probed[]): Promise<void> => {
  if (hasStatus(list)) await runtime.status(list);
  else if (allSpeakNewest(probed)) await runtime.status({ ...list, cniVersion: newestVersion });
};

const wordsFor = (list: LoadedNetwork, probed: readonly Probed[]): string => {
  const { name, cniVersion } = list;
  if (hasStatus(list)) return `network ${name} is ready`;
  const old = `CNI ${cniVersion} has no STATUS`;
  if (allSpeakNewest(probed))
    return `network ${name} is ready: ${old}, so its plugins were asked as of ${newestVersion}`;
  const names = probed.map((p) => p.plugin).join(", ");
  return `network ${name}: ${old}. Its config is right, and its plugins are there and speak ${cniVersion} (${names}); only an add tells more`;
};
