/** `podwire lab status`: draws a lab as the kernel has it. Exit status 1 when something is not as it should be. */
import type { Command } from "commander";
import { type Broken, readBroken } from "../../../lab/break/broken.ts";
import { tableOfLab } from "../../../lab/draw/table.ts";
import { drawLab } from "../../../lab/draw/terminal.ts";
import { nameFlag } from "../../../lab/topology/lab.ts";
import { viewLab } from "../../../lab/view/read.ts";
import type { LabView } from "../../../lab/view/view.ts";
import { openKernel } from "../../../net/kernel.ts";
import type { CommandContext } from "../../cli/command.ts";
import type { Io } from "../../cli/io.ts";
import { outputOption } from "../../cli/output-option.ts";
import { enterLab, labName } from "./inside.ts";
import { addNameOption, type NameOption } from "./name-option.ts";

type Faults = readonly Pick<Broken, "fault" | "node">[];

const forms = {
  draw: (view: LabView, io: Io) => drawLab(view, { columns: io.columns, color: io.color }),
  table: tableOfLab,
  json: (view: LabView, _: Io, broken: Faults) =>
    `${JSON.stringify({ apiVersion: "podwire.dev/v1alpha1", kind: "Lab", ...view, broken }, null, 2)}\n`,
} as const satisfies Readonly<Record<string, (view: LabView, io: Io, broken: Faults) => string>>;

const examples = `
Examples:
  podwire lab status                          what is there, and what is broken
  podwire lab status -o json | jq .problems   for a script
`;

export const statusCommand = (lab: Command, { io, action }: CommandContext): void => {
  addNameOption(lab.command("status"))
    .description("show a lab: nodes, bridges, pods, and what is broken")
    .addOption(outputOption(Object.keys(forms), io.tty ? "draw" : "table"))
    .addHelpText("after", examples)
    .action(
      action((flags: NameOption & { output: keyof typeof forms }) => {
        const { place, state } = enterLab(labName(flags, io.env), io.env);
        using kernel = openKernel();
        const view = viewLab(kernel, state);
        const broken = readBroken(place).map(({ fault, node }) => ({ fault, node }));
        io.out(forms[flags.output](view, io, broken));
        for (const { fault, node } of broken) io.err(`${node} was broken with ${fault}\n`);
        if (broken.length > 0) {
          io.err(`podwire lab heal${nameFlag(place.name)} takes that back\n`);
          return 1;
        }
        if (view.problems.length === 0) return 0;
        const count = view.problems.length;
        io.err(
          `${count} ${count === 1 ? "problem" : "problems"}; podwire lab up${nameFlag(place.name)} makes it anew\n`,
        );
        return 1;
      }),
    );
};
