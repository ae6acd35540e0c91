/** `podwire lab`: a whole cluster on this machine, in network namespaces. */
import { defaults } from "../../lab/topology/lab.ts";
import type { CommandModule } from "../cli/command.ts";
import { breakCommand } from "./lab/break.ts";
import { checkCommand } from "./lab/check.ts";
import { downCommand } from "./lab/down.ts";
import { execCommand } from "./lab/exec.ts";
import { graphCommand } from "./lab/graph.ts";
import { healCommand } from "./lab/heal.ts";
import { standInCommand } from "./lab/stand-in.ts";
import { statusCommand } from "./lab/status.ts";
import { upCommand } from "./lab/up.ts";

const examples = `
Examples:
  podwire lab up                       a control-plane node and two workers
  podwire lab exec node1 -- ip route   look around inside
  podwire lab break mtu                break a node, and see which check finds it
  podwire lab down                     remove it all
`;

export const command: CommandModule["command"] = (program, context) => {
  // What stands behind a node's or a pod's name belongs to the program that runs there.
  program.enablePositionalOptions();
  const lab = program
    .command("lab")
    .description(`a cluster on this machine, in network namespaces (default name: ${defaults.name})`)
    .enablePositionalOptions()
    .addHelpText("after", examples);
  for (const add of [
    upCommand,
    downCommand,
    statusCommand,
    execCommand,
    graphCommand,
    checkCommand,
    breakCommand,
    healCommand,
    standInCommand,
  ])
    add(lab, context);
};
