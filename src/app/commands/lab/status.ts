/** `podwire lab status`: draws a lab as the kernel has it. Exit status 1 when something is not as it should be. */
import type { Command } from "commander";
import { FaultError } from "../../../base/fault.ts";
import { tableOfLab } from "../../../lab/draw/table.ts";
import { drawLab } from "../../../lab/draw/terminal.ts";
import { defaults, nameFlag } from "../../../lab/topology/lab.ts";
import { viewLab } from "../../../lab/view/read.ts";
import type { LabView } from "../../../lab/view/view.ts";
import { openKernel } from "../../../net/kernel.ts";
import type { CommandContext } from "../../cli/command.ts";
import type { Io } from "../../cli/io.ts";
import { enterLab, type NameOption, nameOption } from "./inside.ts";

const forms: Readonly<Record<string, (view: LabView, io: Io) => string>> = {
  draw: (view, io) => drawLab(view, { columns: io.columns, color: io.color }),
  table: tableOfLab,
  json: (view) => `${JSON.stringify({ apiVersion: "podwire.dev/v1alpha1", kind: "Lab", ...view }, null, 2)}\n`,
};

export const statusCommand = (lab: Command, { io, action }: CommandContext): void => {
  lab
    .command("status")
    .description("show a lab: nodes, bridges, pods, and what is broken")
    .option(...nameOption, defaults.name)
    .option("-o, --output <form>", "draw, table or json (default: draw on a terminal, else table)")
    .action(
      action((flags: NameOption & { output?: string }) => {
        const output = flags.output ?? (io.tty ? "draw" : "table");
        const form = forms[output];
        if (!form)
          throw new FaultError({ kind: "bad-value", what: "--output", got: output, want: "draw, table or json" });
        const { state } = enterLab(flags.name, io.env);
        using kernel = openKernel();
        const view = viewLab(kernel, state);
        io.out(form(view, io));
        if (view.problems.length === 0) return 0;
        const count = view.problems.length;
        io.err(
          `${count} ${count === 1 ? "problem" : "problems"}; podwire lab up${nameFlag(flags.name)} makes it anew\n`,
        );
        return 1;
      }),
    );
};
