/** `podwire node`: is this machine ready for Kubernetes? */
import type { CommandModule } from "../cli/command.ts";
import { checkCommand } from "./node/check.ts";
import { firewallCommand } from "./node/firewall.ts";
import { listenCommand } from "./node/listen.ts";
import { portsCommand } from "./node/ports.ts";
import { showCommand } from "./node/show.ts";

const examples = `
Examples:
  podwire node check                        everything a worker needs
  podwire node check --role control-plane
  podwire node check --peers                and whether the nodes reach each other
  podwire node ports                        who has the ports that a worker needs
  podwire node show links                   what the kernel has, without ip
`;

export const command: CommandModule["command"] = (program, context) => {
  const node = program
    .command("node")
    .description("is this machine ready for Kubernetes: requirements, ports, firewall, inspection")
    .addHelpText("after", examples);
  for (const add of [checkCommand, listenCommand, firewallCommand, portsCommand, showCommand]) add(node, context);
};
