/** `podwire lab graph`: a lab as a picture for a page. */
import type { Command } from "commander";
import { FaultError } from "../../../base/fault.ts";
import { mermaidOf } from "../../../lab/draw/mermaid.ts";
import { svgOf } from "../../../lab/draw/svg.ts";
import { defaults } from "../../../lab/topology/lab.ts";
import { viewLab } from "../../../lab/view/read.ts";
import type { LabView } from "../../../lab/view/view.ts";
import { openKernel } from "../../../net/kernel.ts";
import type { CommandContext } from "../../cli/command.ts";
import { enterLab, type NameOption, nameOption } from "./inside.ts";

const forms: Readonly<Record<string, (view: LabView) => string>> = { svg: svgOf, mermaid: mermaidOf };

export const graphCommand = (lab: Command, { io, action }: CommandContext): void => {
  lab
    .command("graph")
    .description("draw a lab as SVG or Mermaid, on stdout")
    .option(...nameOption, defaults.name)
    .option("-o, --output <form>", "svg or mermaid", "svg")
    .addHelpText("after", "\nExamples:\n  podwire lab graph > lab.svg\n  podwire lab graph -o mermaid\n")
    .action(
      action((flags: NameOption & { output: string }) => {
        const form = forms[flags.output];
        if (!form)
          throw new FaultError({ kind: "bad-value", what: "--output", got: flags.output, want: "svg or mermaid" });
        const { state } = enterLab(flags.name, io.env);
        using kernel = openKernel();
        io.out(form(viewLab(kernel, state)));
        return 0;
      }),
    );
};
