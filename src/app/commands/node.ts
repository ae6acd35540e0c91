/** `podwire node`: is this machine ready for Kubernetes? */
import type { CommandModule } from "../cli/command.ts";
import { checkCommand } from "./node/check.ts";
import { firewallCommand } from "./node/firewall.ts";

const examples = `
Examples:
  podwire node check                        everything a worker needs
  podwire node check --role control-plane
`;

export const command: CommandModule["command"] = (program, context) => {
  const node = program
    .command("node")
    .description("is this machine ready for Kubernetes: requirements, ports, firewall, inspection")
    .addHelpText("after", examples);
  for (const add of [checkCommand, firewallCommand]) add(node, context);
};
