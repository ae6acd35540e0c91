/** `podwire cni list`: the networks of this host, the files that could not be used, and what is attached. */
import type { Command } from "commander";
import { cidrText } from "../../../base/cidr.ts";
import { faultMessage } from "../../../base/fault.ts";
import { tableText } from "../../../base/table.ts";
import { problemText } from "../../../cni/runtime/conf-dir.ts";
import { isLiving } from "../../../cni/runtime/gc.ts";
import { pluginTypes } from "../../../cni/runtime/probe.ts";
import type { CacheEntry, LoadedNetwork } from "../../../cni/runtime/runtime.ts";
import type { CommandContext } from "../../cli/command.ts";
import { outputOption } from "../../cli/output-option.ts";
import { confDirOf, type HostFlags, hostOptions, runtimeOf } from "./options.ts";

const examples = `
Examples:
  podwire cni list                              what is in /etc/cni/net.d, and what is attached
  podwire cni list --conf-dir ./net.d -o json   of another folder, for a script
`;

export const listCommand = (cni: Command, { io, action }: CommandContext): void => {
  hostOptions(cni.command("list"))
    .description("networks, files that could not be used, attachments that are remembered")
    .addOption(outputOption(["table", "json"], "table"))
    .addHelpText("after", examples)
    .action(
      action((flags: HostFlags & { output: string }) => {
        const runtime = runtimeOf(flags, io);
        const { networks, problems } = runtime.networks();
        const attachments = runtime.cached();
        if (flags.output === "json") {
          const json = {
            apiVersion: "podwire.dev/v1alpha1",
            kind: "CniList",
            networks: networks.map(networkJson),
            problems: problems.map((p) => ({
              file: p.file,
              ...(p.place && { line: p.place.line, column: p.place.column }),
              message: faultMessage(p.fault),
            })),
            attachments: attachments.map(attachmentJson),
          };
          io.out(`${JSON.stringify(json, null, 2)}\n`);
          return 0;
        }
        if (networks.length === 0) io.err(`no networks in ${confDirOf(flags, io)}\n`);
        const tables = [
          ...(networks.length > 0 ? [networkTable(networks)] : []),
          ...(attachments.length > 0 ? [attachmentTable(attachments)] : []),
        ];
        io.out(tables.join("\n"));
        for (const problem of problems) io.err(`not used: ${problemText(problem)}\n`);
        return 0;
      }),
    );
};

const networkJson = (n: LoadedNetwork) => ({
  name: n.name,
  cniVersion: n.cniVersion,
  plugins: pluginTypes(n),
  file: n.file,
});

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

const networkTable = (networks: readonly LoadedNetwork[]): string =>
  tableText([
    ["NETWORK", "CNI", "PLUGINS", "FILE"],
    // By file, since a runtime takes the first.
    ...networks
      .toSorted((a, b) => (a.file < b.file ? -1 : 1))
      .map((n) => [n.name, n.cniVersion, pluginTypes(n).join(","), n.file]),
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
