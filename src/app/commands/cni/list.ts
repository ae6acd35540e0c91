/** `podwire cni list`: the networks of this host, the files that could not be used, and what is attached. */
import type { Command } from "commander";
import { cidrText } from "../../../base/cidr.ts";
import { faultMessage, faultOf } from "../../../base/fault.ts";
import { tableText } from "../../../base/table.ts";
import { problemText } from "../../../cni/runtime/conf-dir.ts";
import { isLiving } from "../../../cni/runtime/gc.ts";
import { type Taken, takenOf } from "../../../cni/runtime/pick.ts";
import { pluginTypes } from "../../../cni/runtime/probe.ts";
import type { CacheEntry, FileProblem, LoadedNetwork, Runtime } from "../../../cni/runtime/runtime.ts";
import type { CommandContext } from "../../cli/command.ts";
import { outputOption } from "../../cli/output-option.ts";
import { confDirOf, type HostFlags, hostOptions, runtimeOf } from "./options.ts";

const examples = `
Examples:
  podwire cni list                              what is in /etc/cni/net.d, and what is attached
  podwire cni list --conf-dir ./net.d -o json   of another folder, for a script

Container runtimes (containerd and CRI-O) take the network of the first file by name; the others are attached by name
only, by podwire cni add, cnitool or a plugin that calls them.
`;

export const listCommand = (cni: Command, { io, action }: CommandContext): void => {
  hostOptions(cni.command("list"))
    .description("networks, files that cannot be used, and what is attached")
    .addOption(outputOption(["table", "json"], "table"))
    .addHelpText("after", examples)
    .action(
      action((flags: HostFlags & { output: string }) => {
        const runtime = runtimeOf(flags, io);
        const all = runtime.networks();
        const { networks, problems, ignored } = all;
        const taken = takenOf(all);
        const unseen = new Set<string>();
        const attachments = attachmentsOf(runtime, flags.output === "table" ? unseen : undefined);
        if (flags.output === "json") {
          const json = {
            apiVersion: "podwire.dev/v1alpha1",
            kind: "CniList",
            networks: networks.map((n) => networkJson(n, taken)),
            problems: problems.map((p) => ({
              file: p.file,
              ...(p.place && { line: p.place.line, column: p.place.column }),
              message: faultMessage(p.fault),
            })),
            ignored: ignored.map(({ file, why }) => ({ file, message: why })),
            attachments: attachments.map(attachmentJson),
          };
          io.out(`${JSON.stringify(json, null, 2)}\n`);
          return 0;
        }
        if (networks.length === 0) io.err(`no networks in ${confDirOf(flags, io)}\n`);
        const tables = [
          ...(networks.length > 0 ? [networkTable(networks, taken)] : []),
          ...(attachments.length > 0 ? [attachmentTable(attachments)] : []),
        ];
        io.out(tables.join("\n"));
        for (const problem of problems) io.err(`never used: ${problemText(problem)}\n`);
        for (const { file, why } of ignored) io.err(`never read: ${file}: ${why}\n`);
        for (const why of unseen) io.err(`attachments are not shown: ${why}; root sees them\n`);
        if (taken.stops) io.err(stopsText(taken.stops));
        return 0;
      }),
    );
};

/** Networks are everyone's to see, attachments often root's alone: a table then says so, if `unseen` is there to take it. */
const attachmentsOf = (runtime: Runtime, unseen: Set<string> | undefined): CacheEntry[] => {
  try {
    return runtime.cached();
  } catch (error) {
    const fault = faultOf(error);
    if (!unseen || fault.kind !== "io" || fault.errno !== "EACCES") throw error;
    unseen.add(faultMessage(fault));
    return [];
  }
};

const networkJson = (n: LoadedNetwork, taken: Taken) => ({
  name: n.name,
  takenByRuntimes: isTaken(n, taken),
  cniVersion: n.cniVersion,
  plugins: pluginTypes(n),
  file: n.file,
});

/** Containerd takes none while a broken file comes before it. */
const isTaken = (n: LoadedNetwork, { network }: Taken): boolean => n.file === network?.file;

export const stopsText = ({ file }: FileProblem): string =>
  `containerd stops at ${file}, and no pod gets a network until it is mended or moved away; CRI-O passes it over\n`;

const addresses = (entry: CacheEntry): string[] => (entry.result?.ips ?? []).map((ip) => cidrText(ip.address));

const stateOf = (entry: CacheEntry): string => {
  if (entry.damage) return "damaged";
  const { progress } = entry;
  if (progress && progress.finished < progress.of) return `half made, ${progress.finished} of ${progress.of} plugins`;
  return isLiving(entry) ? "attached" : "namespace gone";
};

const attachmentJson = (entry: CacheEntry) => ({
  network: entry.network,
  containerID: entry.containerId,
  ifname: entry.ifname,
  netns: entry.netns,
  addresses: addresses(entry),
  state: stateOf(entry),
  file: entry.file,
  ...(entry.damage && { message: faultMessage(entry.damage) }),
});

const networkTable = (networks: readonly LoadedNetwork[], taken: Taken): string =>
  tableText([
    ["NETWORK", "CNI", "PLUGINS", "TAKEN BY", "FILE"],
    ...networks.map((n) => [
      n.name,
      n.cniVersion,
      pluginTypes(n).join(","),
      isTaken(n, taken) ? "container runtimes" : "name only",
      n.file,
    ]),
  ]);

const attachmentTable = (entries: readonly CacheEntry[]): string =>
  tableText([
    ["ATTACHED TO", "CONTAINER", "INTERFACE", "ADDRESSES", "STATE"],
    ...entries.map((e) => [
      e.network || "?",
      e.containerId || e.file,
      e.ifname || "?",
      addresses(e).join(",") || "-",
      stateOf(e),
    ]),
  ]);
