/** `podwire node show`: what the kernel has, as `ip` and `ss` would print it, and as it changes. */
import { Argument, type Command, Option } from "commander";
import { nounNames } from "../../../node/show/nouns/registry.ts";
import { families, forms, type ShowOptions } from "../../../node/show/parse.ts";
import type { CommandContext } from "../../cli/command.ts";
import { outputOption } from "../../cli/output-option.ts";
import { runShow, wantedOf } from "./run-show.ts";

const examples = `
Examples:
  podwire node show links                    names, kinds, states, MTUs
  podwire node show addresses eth0           of one link
  podwire node show routes --table all -o json | jq .
  podwire node show listeners 6443           who listens there
  podwire node show links --all-namespaces   of pods, too
  podwire node show routes --watch           a line for each change
JSON is that of ip -j; of listeners, which ss does not print as JSON, our own.
`;

export const showCommand = (node: Command, { io, action }: CommandContext): void => {
  node
    .command("show")
    .description("links, addresses, routes, listeners, neighbours or rules, straight from the kernel")
    .addArgument(new Argument("<noun>", nounNames.join(", ")))
    .argument("[which...]", "a link, destination, address, table, port or program")
    .addOption(outputOption(forms, "table"))
    .addOption(new Option("--family <4|6>", "IPv4 or IPv6 alone").choices(families))
    .option("--table <name>", "routes of a table by name or number, or all (default: main)")
    .option("-d, --details", "with -o json: what ip -d -j prints, kinds and their settings, limits")
    .option("--netns <name>", "in this network namespace, by name or path")
    .option("-A, --all-namespaces", "in every network namespace, those of pods among them")
    .option("-w, --watch", "print changes as they happen, until Ctrl-C")
    .addHelpText("after", examples)
    .action(
      action(async (noun: string, which: readonly string[], options: ShowOptions) => {
        const wanted = await wantedOf(noun, which, options);
        return options.watch ? (await import("./watch-show.ts")).watchShow(io, wanted) : runShow(io, wanted);
      }),
    );
};
