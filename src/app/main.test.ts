import { expect, test } from "bun:test";
import { join } from "node:path";

const podwire = join(import.meta.dir, "../../dist/podwire");

test("a reader that has seen enough ends the command without a word; a full disk is an error", () => {
  // The other end of the pipe is gone for sure before we write.
  const script = `exec {pipe}> >(:); wait $!; "$0" version >&$pipe; echo $?; "$0" version >/dev/full; echo $?`;
  const { stdout, stderr } = Bun.spawnSync(["bash", "-c", script, podwire]);
  expect(stdout.toString()).toBe("141\n2\n");
  expect(stderr.toString()).toMatch(/^error: write .*ENOSPC[^\n]*\n$/);
});
