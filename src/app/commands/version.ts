/** `podwire version`: what this executable is and speaks. */
import { pluginNames } from "../../cni/plugins/registry.ts";
import { cniVersions } from "../../cni/spec/types.ts";
import type { CommandModule } from "../cli/command.ts";
import { outputOption } from "../cli/output-option.ts";
import { version } from "../cli/version.ts";

export const command: CommandModule["command"] = (program, { io, action }) => {
  program
    .command("version")
    .description("print the version, the CNI versions spoken and the plugins inside")
    .addOption(outputOption(["table", "json"], "table"))
    .addHelpText("after", "\nExamples:\n  podwire version\n  podwire version -o json\n")
    .action(
      action((options: { output: string }) => {
        const about = { version, cniVersions, plugins: pluginNames };
        const json = { apiVersion: "podwire.dev/v1alpha1", kind: "Version", ...about };
        const table = `podwire ${version}\nCNI      ${cniVersions.join(", ")}\nplugins  ${pluginNames.join(", ")}\n`;
        io.out(options.output === "json" ? `${JSON.stringify(json, null, 2)}\n` : table);
        return 0;
      }),
    );
};
