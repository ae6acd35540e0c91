import { expect, test } from "bun:test";
import { runCli } from "../../cli/testing/run-cli.ts";

/** What bash offers for the last word of each line. */
const offered = async (lines: readonly (readonly string[])[]): Promise<string[][]> => {
  const { out } = await runCli(["completion", "bash"]);
  const ask = lines.map((words) => {
    const quoted = words.map((w) => `'${w}'`).join(" ");
    return `COMP_WORDS=(podwire ${quoted}) COMP_CWORD=${words.length}; _podwire; echo "\${COMPREPLY[*]}"`;
  });
  const bash = Bun.spawnSync(["bash", "-euc", [out, ...ask].join("\n")]);
  expect(bash.stderr.toString()).toBe("");
  return bash.stdout
    .toString()
    .trimEnd()
    .split("\n")
    .map((line) => line.split(" ").filter((w) => w !== ""));
};

test("bash completes commands, options and the values of options, and leaves the rest to itself", async () => {
  const [commands, up, flags, forms, file, inside, shells] = await offered([
    ["l"],
    ["lab", "u"],
    ["lab", "up", "--f"],
    ["lab", "graph", "-o", ""],
    ["lab", "up", "-f", ""],
    ["lab", "exec", "pod-1", "--", "i"],
    ["completion", "b"],
  ]);
  expect([commands, up, flags]).toEqual([["lab"], ["up"], ["--file", "--family"]]);
  expect([forms, file, inside]).toEqual([["svg", "mermaid"], [], []]);
  expect(shells).toEqual(["bash"]);
});

test("a shell that is not known is refused with those that are", async () => {
  const { exit, out, err } = await runCli(["completion", "ksh"]);
  expect([exit, out]).toEqual([2, ""]);
  expect(err).toContain("Allowed choices are bash, zsh, fish");
});
