/** `podwire cni`: a CNI runtime by hand, with cnitool's environment variables and container IDs. */
import type { CommandModule } from "../cli/command.ts";
import { addCommand, checkCommand, delCommand } from "./cni/attach.ts";
import { gcCommand } from "./cni/gc.ts";
import { listCommand } from "./cni/list.ts";
import { statusCommand } from "./cni/status.ts";
import { validateCommand } from "./cni/validate.ts";

const examples = `
Examples:
  podwire cni list                              networks of this host, and what is attached
  podwire cni add example-network /run/netns/a  attach a namespace, print the result
  podwire cni validate ./10-pods.conflist       what is wrong with a config
Exit status: 0 fine, 1 a plugin or a config has a problem, 2 could not run.
`;

export const command: CommandModule["command"] = (program, context) => {
  const cni = program
    .command("cni")
    .description("run CNI plugins by hand: attach, detach, check, clean up, validate")
    .addHelpText("after", examples);
  const all = [addCommand, delCommand, checkCommand, gcCommand, statusCommand, listCommand, validateCommand];
  for (const add of all) add(cni, context);
};
