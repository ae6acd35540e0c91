import { expect, test } from "bun:test";
import { runCli } from "../../cli/testing/run-cli.ts";

const script = async (shell: string): Promise<string> => (await runCli(["completion", shell])).out;

const lines = (argv: readonly string[]): string[] => {
  const done = Bun.spawnSync([...argv], { env: { PATH: process.env.PATH, HOME: "/nonexistent" } });
  return done.stdout.toString().trimEnd().split("\n");
};

test("fish offers commands, options and values, each with what it is about", async () => {
  const source = await script("fish");
  const fish = (typed: string): string[] => lines(["fish", "--no-config", "-c", `${source}\ncomplete -C '${typed}'`]);
  expect(fish("podwire la")).toEqual([expect.stringMatching(/^lab\ta cluster on this machine/)]);
  expect(fish("podwire lab up --fam")).toEqual([expect.stringMatching(/^--family\tipv4, ipv6 or dual/)]);
  expect(fish("podwire lab graph -o ").sort()).toEqual(["mermaid", "svg"].map((w) => expect.stringContaining(w)));
  expect(fish("podwire cni s")).toEqual([expect.stringMatching(/^status\t/)]);
});

test("zsh is offered commands with what they are about, and the values of an option", async () => {
  const source = await script("zsh");
  // What the completion system would be told.
  const stubs = [
    "compdef() { : }",
    "compadd() { print -l -- $@ }",
    "_default() { print files }",
    '_describe() { eval "print -l -- \\$$4" }',
  ];
  const zsh = (...words: string[]): string[] =>
    lines([
      "zsh",
      "-fc",
      [
        ...stubs,
        source,
        `words=(podwire ${words.map((w) => `'${w}'`).join(" ")})`,
        `CURRENT=${words.length + 1}`,
        "_podwire",
      ].join("\n"),
    ]);
  expect(zsh("")).toContainEqual(expect.stringMatching(/^lab:a cluster on this machine/));
  expect(zsh("lab", "up", "")).toContain("--dry-run:print the shell lines that would make it, change nothing");
  expect(zsh("lab", "graph", "-o", "")).toEqual(["--", "svg", "mermaid"]);
  expect(zsh("lab", "up", "-f", "")).toEqual(["files"]);
});
