/** `podwire node check`: what a node needs before Kubernetes works, and how to mend what it has not. */
import type { Command } from "commander";
import { openKernel } from "../../../net/kernel.ts";
import { betweenChecks } from "../../../node/between/registry.ts";
import { checks } from "../../../node/checks/registry.ts";
import { openHost } from "../../../node/host.ts";
import { peerChecks } from "../../../node/peers/checks/registry.ts";
import { reportOfPeers } from "../../../node/peers/run/report.ts";
import { renderJunit } from "../../../node/report/render-junit.ts";
import { renderReach } from "../../../node/report/render-reach.ts";
import { renderSarif } from "../../../node/report/render-sarif.ts";
import { renderTable, type TableOptions } from "../../../node/report/render-table.ts";
import { exitOf, type Report, reportOf } from "../../../node/report/report.ts";
import { runChecks } from "../../../node/run-checks.ts";
import { fileSuppressions, parseSuppression } from "../../../node/suppress.ts";
import type { CommandContext } from "../../cli/command.ts";
import type { Io } from "../../cli/io.ts";
import { outputOption } from "../../cli/output-option.ts";
import { version } from "../../cli/version.ts";
import { type AskedOptions, askedOf, withAsked } from "./asked.ts";
import { coordinate } from "./coordinate.ts";
import { type PeersOptions, wantsPeers, withPeers } from "./peers-options.ts";

interface Options extends AskedOptions, PeersOptions {
  readonly suppress: readonly string[];
  readonly output: keyof typeof reportForms;
}

const withReach = (report: Report, options: TableOptions): string =>
  `${report.reach ? renderReach(report.reach, options) : ""}${renderTable(report, options)}`;

/** Every form of a report; `lab check` prints them, too. */
export const reportForms = {
  table: (report: Report, { color, columns }: Io) => withReach(report, { color, columns, wide: false }),
  wide: (report: Report, { color, columns }: Io) => withReach(report, { color, columns, wide: true }),
  json: (report: Report) => `${JSON.stringify(report, null, 2)}\n`,
  junit: (report: Report) => renderJunit(report),
  sarif: (report: Report) => renderSarif(report, version),
} as const satisfies Readonly<Record<string, (report: Report, io: Io) => string>>;

const examples = `
Examples:
  podwire node check                                       a worker
  podwire node check --role control-plane -o wide          with what was measured
  podwire node check --pod-cidr 10.42.0.0/16 --service-cidr 10.43.0.0/16
  podwire node check --suppress 'K4=swap is meant to be on'
  podwire node check -o sarif > node.sarif
  podwire node check --peers --expect 2                    prints the line to paste on the two other nodes
  podwire node check --ssh root@node2 --ssh root@node3=control-plane

What is known and meant may stand in /etc/podwire/checks.yaml, too:
  suppress:
    - { check: K4, reason: swap is meant to be on, until: 2026-12-31 }

Nothing is changed. Exit status: 0 nothing failed (warnings do not count), 1 a check failed, 2 nothing could be told.
`;

/** What can be suppressed. */
const known = [...checks, ...betweenChecks, ...peerChecks];

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];

export const checkCommand = (node: Command, { io, action }: CommandContext): void => {
  const command = node
    .command("check")
    .description("check what a node needs before Kubernetes works, and say how to mend it");
  withPeers(withAsked(command))
    .option("--suppress <check=reason>", "a finding that is known and meant; may be given again", collect, [])
    .addOption(outputOption(Object.keys(reportForms), "table"))
    .addHelpText("after", examples)
    .action(
      action(async (options: Options) => {
        const asked = askedOf(options);
        const told = options.suppress.map((text) => parseSuppression(text, known));
        using kernel = openKernel();
        const host = openHost({ ns: kernel.host });
        const suppressions = [...told, ...fileSuppressions(host, known)];
        const others = wantsPeers(options) ? await coordinate(host, asked, options, io) : undefined;
        if (typeof others === "number") return others;
        const own = [runChecks(checks, host, asked, suppressions)];
        const report = others ? reportOfPeers(own, others, suppressions) : reportOf(own);
        io.out(reportForms[options.output](report, io));
        return exitOf(report);
      }),
    );
};
