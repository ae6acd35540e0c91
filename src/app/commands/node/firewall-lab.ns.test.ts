/** `podwire node firewall` in a node of a lab: nothing of the machine's is written. */
import { expect, test } from "bun:test";
import { withNetns } from "../../../kernel/testing/netns.ts";
import { tryRun } from "../../../kernel/testing/run.ts";
import { podwire } from "./testing/inside.ts";

test("a lab's node shares the machine's files: --apply and --remove are refused, looking is not", () =>
  withNetns((ns) => {
    const firewall = (...words: string[]) =>
      tryRun(["nsenter", `--net=${ns.path}`, "env", "PODWIRE_LAB_NODE=node2", podwire, "node", "firewall", ...words]);
    for (const word of ["--apply", "--remove"]) {
      const { code, stderr } = firewall(word);
      expect(code).toBe(2);
      expect(stderr).toContain("error: node2 is a lab's node, and shares the files");
    }
    expect(firewall("--apply", "--dry-run").code).toBe(0);
    expect(firewall("--remove", "--dry-run").code).toBe(0);
  }));
