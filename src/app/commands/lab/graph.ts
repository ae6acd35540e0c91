/** `podwire lab graph`: a lab as a picture for a page. */
import type { Command } from "commander";
import { mermaidOf } from "../../../lab/draw/mermaid.ts";
import { svgOf } from "../../../lab/draw/svg.ts";
import { viewLab } from "../../../lab/view/read.ts";
import type { LabView } from "../../../lab/view/view.ts";
import { openKernel } from "../../../net/kernel.ts";
import type { CommandContext } from "../../cli/command.ts";
import { outputOption } from "../../cli/output-option.ts";
import { enterLab, labName } from "./inside.ts";
import { addNameOption, type NameOption } from "./name-option.ts";

const forms = { svg: svgOf, mermaid: mermaidOf } as const satisfies Readonly<Record<string, (view: LabView) => string>>;

export const graphCommand = (lab: Command, { io, action }: CommandContext): void => {
  addNameOption(lab.command("graph"))
    .description("draw a lab as SVG or Mermaid, on stdout")
    .addOption(outputOption(Object.keys(forms), "svg"))
    .addHelpText("after", "\nExamples:\n  podwire lab graph > lab.svg\n  podwire lab graph -o mermaid\n")
    .action(
      action((flags: NameOption & { output: keyof typeof forms }) => {
        const { state } = enterLab(labName(flags, io.env), io.env);
        using kernel = openKernel();
        io.out(forms[flags.output](viewLab(kernel, state)));
        return 0;
      }),
    );
};
