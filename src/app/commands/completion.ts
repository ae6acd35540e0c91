/** `podwire completion`: what a shell needs to complete our commands, options and their values. */
import { Argument } from "commander";
import type { CommandModule } from "../cli/command.ts";
import { bashScript } from "./completion/bash.ts";
import { fishScript } from "./completion/fish.ts";
import { type Place, placesOf } from "./completion/tree.ts";
import { zshScript } from "./completion/zsh.ts";

const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript } as const satisfies Readonly<
  Record<string, (places: readonly Place[]) => string>
>;

const examples = `
Examples:
  source <(podwire completion bash)                              in this bash; in ~/.bashrc for every one
  source <(podwire completion zsh)                               in this zsh, after compinit
  podwire completion fish > ~/.config/fish/completions/podwire.fish
`;

export const command: CommandModule["command"] = (program, { io, action, whole }) => {
  program
    .command("completion")
    .description("print the completion of podwire for a shell")
    .addArgument(new Argument("<shell>", "whose").choices(Object.keys(scripts)))
    .addHelpText("after", examples)
    .action(
      action(async (shell: keyof typeof scripts) => {
        io.out(scripts[shell](placesOf(await whole())));
        return 0;
      }),
    );
};
