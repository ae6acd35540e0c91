/** `podwire lab check`: what `node check` asks, of every node of a lab. */
import type { Command } from "commander";
import { askedOfNode } from "../../../lab/asked.ts";
import { labHosts } from "../../../lab/hosts.ts";
import { nodePlace } from "../../../lab/place.ts";
import { labOf } from "../../../lab/topology/lab.ts";
import { openKernel } from "../../../net/kernel.ts";
import { betweenChecks } from "../../../node/between/registry.ts";
import { checks } from "../../../node/checks/registry.ts";
import { identityOf } from "../../../node/identity.ts";
import { reportOfPeers } from "../../../node/peers/run/report.ts";
import { exitOf, reportOf } from "../../../node/report/report.ts";
import { runBetween, runChecks } from "../../../node/run-checks.ts";
import { fileSuppressions } from "../../../node/suppress.ts";
import type { CommandContext } from "../../cli/command.ts";
import { outputOption } from "../../cli/output-option.ts";
import { networksOf } from "../node/asked.ts";
import { reportForms } from "../node/check.ts";
import { enterLab, labName } from "./inside.ts";
import { mendNote } from "./mend-note.ts";
import { addNameOption, type NameOption } from "./name-option.ts";
import { foundBetweenNodes } from "./peers.ts";

const examples = `
Examples:
  podwire lab check             is every node ready?
  podwire lab check -o wide     with what was measured
  podwire lab check --peers     and whether the nodes reach each other
`;

interface Options extends NameOption {
  readonly output: keyof typeof reportForms;
  readonly peers?: boolean;
  readonly network: string;
}

export const checkCommand = (lab: Command, { io, action }: CommandContext): void => {
  addNameOption(lab.command("check"))
    .description("check every node of a lab as podwire node check does")
    .option("--peers", "also what is between the nodes: in each a listener, and all try each other")
    .option("--network <list>", "with --peers: parts with ports of their own, as of podwire node check", "none")
    .addOption(outputOption(Object.keys(reportForms), "table"))
    .addHelpText("after", examples)
    .action(
      action(async (flags: Options) => {
        const { place, state } = enterLab(labName(flags, io.env), io.env);
        using kernel = openKernel();
        const topology = labOf(state.topology);
        const hosts = labHosts(kernel, place, state);
        const nodes = hosts.map(({ node, host }) =>
          runChecks(
            checks,
            host,
            askedOfNode(topology, node),
            fileSuppressions(host, [...checks, ...betweenChecks]),
            node.name,
          ),
        );
        const facts = hosts.map(({ node, host }) => ({ node: node.name, identity: identityOf(host) }));
        const report = flags.peers
          ? reportOfPeers(nodes, await foundBetweenNodes(topology, networksOf(flags.network), io), [], facts)
          : reportOf(nodes, runBetween(betweenChecks, facts));
        io.out(reportForms[flags.output](report, io));
        const note = mendNote(report, nodePlace(place, { name: "NODE" }).rootDir, io.columns);
        if (note && (flags.output === "table" || flags.output === "wide")) io.out(note);
        return exitOf(report);
      }),
    );
};
