/** `podwire lab check`: what `node check` asks, of every node of a lab. */
import type { Command } from "commander";
import { askedOfNode } from "../../../lab/asked.ts";
import { labHosts } from "../../../lab/hosts.ts";
import { labOf } from "../../../lab/topology/lab.ts";
import { openKernel } from "../../../net/kernel.ts";
import { betweenChecks } from "../../../node/between/registry.ts";
import { checks } from "../../../node/checks/registry.ts";
import { identityOf } from "../../../node/identity.ts";
import { exitOf, reportOf } from "../../../node/report/report.ts";
import { runBetween, runChecks } from "../../../node/run-checks.ts";
import { fileSuppressions } from "../../../node/suppress.ts";
import type { CommandContext } from "../../cli/command.ts";
import { outputOption } from "../../cli/output-option.ts";
import { reportForms } from "../node/check.ts";
import { enterLab, labName } from "./inside.ts";
import { addNameOption, type NameOption } from "./name-option.ts";

const examples = `
Examples:
  podwire lab check             is every node ready?
  podwire lab check -o wide     with what was measured
`;

export const checkCommand = (lab: Command, { io, action }: CommandContext): void => {
  addNameOption(lab.command("check"))
    .description("check every node of a lab as podwire node check does")
    .addOption(outputOption(Object.keys(reportForms), "table"))
    .addHelpText("after", examples)
    .action(
      action((flags: NameOption & { output: keyof typeof reportForms }) => {
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
        const report = reportOf(nodes, runBetween(betweenChecks, facts));
        io.out(reportForms[flags.output](report, io));
        return exitOf(report);
      }),
    );
};
