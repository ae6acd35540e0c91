/** kubelet's flags: beside those that are there, in the file that this distribution's unit reads. Each line is run. */
import { expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tryRun } from "../../kernel/testing/run.ts";
import { textHost } from "../testing/text-host.ts";
import { kubeletArgFix } from "./kubelet-args.ts";

const path = "/etc/default/kubelet";

/** The file after the line, and after its undo. */
const after = (text: string): [string, string] => {
  const dir = mkdtempSync(join(tmpdir(), "kubelet-"));
  try {
    const file = join(dir, "kubelet");
    writeFileSync(file, text);
    const { command, undo = "false" } = kubeletArgFix(textHost({ files: { [path]: text } }), "node-ip", "10.0.0.5");
    const said = [command, undo].map((line) => {
      const here = line.replaceAll(path, file).replaceAll("systemctl try-restart kubelet", "true");
      expect(tryRun(["sh", "-ec", here]).code).toBe(0);
      return readFileSync(file, "utf8");
    });
    return said as [string, string];
  } finally {
    rmSync(dir, { recursive: true });
  }
};

test("a flag is added to those that are there, or takes the place of its own old value; the undo brings all back", () => {
  for (const [before, wanted] of [
    ["# mine\n", "# mine\nKUBELET_EXTRA_ARGS=--node-ip=10.0.0.5\n"],
    ["KUBELET_EXTRA_ARGS=\n", 'KUBELET_EXTRA_ARGS="--node-ip=10.0.0.5"\n'],
    ["KUBELET_EXTRA_ARGS=--v=2 --node-ip=10.0.2.15\nA=1\n", 'KUBELET_EXTRA_ARGS="--v=2 --node-ip=10.0.0.5"\nA=1\n'],
    ["KUBELET_EXTRA_ARGS='--a=x|y&z'\n", 'KUBELET_EXTRA_ARGS="--a=x|y&z --node-ip=10.0.0.5"\n'],
  ] as const)
    expect(after(before)).toEqual([wanted, before]);
});

test("the file is the one of the distribution", () => {
  const line = (files: Record<string, string>) => kubeletArgFix(textHost({ files }), "node-ip", "10.0.0.5").command;
  expect(line({})).toContain(">> /etc/default/kubelet");
  expect(line({ "/etc/os-release": "ID=rocky\n" })).toContain(">> /etc/sysconfig/kubelet");
  expect(line({ "/etc/sysconfig/kubelet": "KUBELET_EXTRA_ARGS=\n" })).toContain("/etc/sysconfig/kubelet");
});
