/** Lines of a lab's findings are never left to be typed into the machine without a word. */
import { expect, test } from "bun:test";
import type { Outcome } from "../../../node/report/report.ts";
import { reportOf } from "../../../node/report/report.ts";
import { mendNote } from "./mend-note.ts";

const report = (outcome: Outcome, suppressed?: string) =>
  reportOf([
    {
      node: "node2",
      roles: ["worker"],
      checks: [
        {
          id: "K4",
          name: "swap",
          area: "kernel",
          severity: "warn",
          title: "swap is off",
          why: "kubelet refuses to start",
          outcome,
          findings: [
            {
              outcome: outcome === "skipped" ? "ok" : outcome,
              seen: "x",
              fix: { command: "swapoff /dev/sda2", survivesReboot: false },
            },
          ],
          ...(suppressed === undefined ? {} : { suppressed }),
        },
      ],
    },
  ]);

test("a finding with a line is followed by the note, in the terminal's width", () => {
  const note = mendNote(report("warn"), "/run/podwire/labs/podwire/NODE/root", 60);
  expect(note).toContain("podwire lab heal");
  expect(note).toContain("/run/podwire/labs/podwire/NODE/root");
  expect(Math.max(...note!.split("\n").map((line) => line.length))).toBeLessThanOrEqual(60);
});

test("what is well, and what is known and meant, needs none", () => {
  expect(mendNote(report("ok"), "/x", 100)).toBeUndefined();
  expect(mendNote(report("warn", "meant"), "/x", 100)).toBeUndefined();
});
