import { expect, test } from "bun:test";
import { type Place, placesOf } from "../commands/completion/tree.ts";
import { commands } from "../commands/registry.ts";
import type { CommandContext } from "./command.ts";
import { programOf } from "./program.ts";
import { listeningIo, runCli } from "./testing/run-cli.ts";

const context: CommandContext = {
  io: listeningIo().io,
  action: () => async () => undefined,
  whole: () => programOf(commands, context),
};
const places: readonly Place[] = placesOf(await context.whole());
const argvOf = ({ path }: Place): string[] => path.split(" ").filter((w) => w !== "");

test("every command's --help has examples that name it, on stdout, and fits the terminal", async () => {
  expect(places.length).toBeGreaterThan(15);
  for (const place of places) {
    const { exit, out, err } = await runCli([...argvOf(place), "--help"], { columns: 80 });
    expect([place.path, exit, err]).toEqual([place.path, 0, ""]);
    const [usage = "", given = ""] = out.split("\nExamples:\n");
    expect([place.path, given.includes(`podwire${place.path}`)]).toEqual([place.path, true]);
    expect(Math.max(...usage.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
  }
});

test("an output form that is not known is refused by every command, with those that are", async () => {
  const printing = places.filter((p) => p.flags.some((f) => f.flags.includes("--output")));
  expect(printing.length).toBeGreaterThan(4);
  for (const place of printing) {
    const { exit, out, err } = await runCli([...argvOf(place), "-o", "xml"]);
    expect([place.path, exit, out]).toEqual([place.path, 2, ""]);
    expect(err).toContain("Allowed choices are ");
  }
});

test("a slip of the fingers is answered with the command that was meant", async () => {
  const { exit, out, err } = await runCli(["lba", "up"]);
  expect([exit, out]).toEqual([2, ""]);
  expect(err).toContain("Did you mean lab?");
});

test("a command that lacks an argument shows its own usage", async () => {
  const { exit, err } = await runCli(["cni", "gc"]);
  expect(exit).toBe(2);
  expect(err).toContain("usage: podwire cni gc [options] <network> (podwire cni gc --help says more)");
});

test("options are explained within a terminal of 60 columns", async () => {
  const { out } = await runCli(["cni", "gc", "--help"], { columns: 60 });
  const options = out.slice(out.indexOf("Options:"), out.indexOf("Examples:"));
  expect(options).toContain("--keep-living");
  expect(Math.max(...options.split("\n").map((line) => line.length))).toBeLessThanOrEqual(60);
});
