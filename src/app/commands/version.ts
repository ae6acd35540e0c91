/** `podwire version`: what this executable is and speaks. */
import { pluginNames } from "../../cni/plugins/registry.ts";
import { cniVersions } from "../../cni/spec/types.ts";
import type { CommandModule } from "../cli/command.ts";
import { version } from "../cli/version.ts";

export const command: CommandModule["command"] = (program, { io, action }) => {
  program
    .command("version")
    .description("print the version, the CNI versions spoken and the plugins inside")
    .option("-o, --output <format>", "table or json", "table")
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
