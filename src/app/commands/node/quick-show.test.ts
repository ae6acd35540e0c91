/** The short way and the long way take the same words for the same thing. */
import { expect, test } from "bun:test";
import { Command } from "commander";
import { listeningIo } from "../../cli/testing/run-cli.ts";
import { type QuickShow, quickWords } from "./quick-show.ts";
import { showCommand } from "./show.ts";

/** What the parser of the command line makes of it. */
const long = async (argv: readonly string[]): Promise<QuickShow | undefined> => {
  let found: QuickShow | undefined;
  const program = new Command().exitOverride().configureOutput({ writeOut: () => {}, writeErr: () => {} });
  showCommand(program, {
    io: listeningIo().io,
    action:
      () =>
      async (...args) => {
        const [noun, words, { output, ...options }] = args as unknown as [string, string[], Record<string, string>];
        found = { noun, words, options: { ...options, ...(output === "table" ? {} : { output: output! }) } };
      },
    whole: async () => program,
  });
  const show = program.commands[0]!;
  show.exitOverride().configureOutput({ writeOut: () => {}, writeErr: () => {} });
  await show.parseAsync(argv, { from: "user" }).catch(() => undefined);
  return found;
};

const plain = [
  "links",
  "links -o json",
  "-o wide links",
  "links eth0 eth1 --output json",
  "routes --table all --family 6 -d",
  "routes --details --netns blue 10.0.0.0/8 -A",
  "listeners --all-namespaces tcp",
];
const other = [
  "links --help",
  "links --watch",
  "links -w",
  "lnks",
  "",
  "-o xml links",
  "links --family 5",
  "links -o",
  "links --colour",
];

test("plain words mean the same to both", async () => {
  for (const line of plain) {
    const quick = quickWords(line.split(" "));
    expect(quick).toBeDefined();
    expect([line, quick]).toEqual([line, await long(line.split(" "))] as never);
  }
});

test("all else is left to the parser of the command line", () => {
  for (const line of other) expect([line, quickWords(line.split(" "))]).toEqual([line, undefined]);
});
