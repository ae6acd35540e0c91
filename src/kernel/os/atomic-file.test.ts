import { expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeAtomically } from "./atomic-file.ts";

test("the text takes the name whole, with its permissions, and nothing else is left", async () => {
  const dir = mkdtempSync(join(tmpdir(), "podwire-atomic-"));
  const path = join(dir, "entry");
  const how = { temporary: join(dir, "temporary"), mode: 0o600 };
  await writeAtomically(path, "one", { ...how, sync: "before" });
  await writeAtomically(path, "two", { ...how, sync: "behind" });
  expect([readFileSync(path, "utf8"), statSync(path).mode & 0o777]).toEqual(["two", 0o600]);
  expect(readdirSync(dir)).toEqual(["entry"]);
  rmSync(dir, { recursive: true });
});

test("when the name cannot be taken the old state stays and the temporary file goes", async () => {
  const dir = mkdtempSync(join(tmpdir(), "podwire-atomic-"));
  mkdirSync(join(dir, "entry"));
  const how = { temporary: join(dir, "temporary"), mode: 0o600, sync: "before" } as const;
  await expect(writeAtomically(join(dir, "entry"), "x", how)).rejects.toThrow("EISDIR");
  expect(readdirSync(dir)).toEqual(["entry"]);
  rmSync(dir, { recursive: true });
});

test("a disk that is full is told with the name that was to be written", async () => {
  const dir = mkdtempSync(join(tmpdir(), "podwire-atomic-"));
  const temporary = join(dir, "temporary");
  symlinkSync("/dev/full", temporary);
  const path = join(dir, "entry");
  await expect(writeAtomically(path, "x", { temporary, mode: 0o600, sync: "before" })).rejects.toThrow(
    `write ${path}: no space left on the disk (ENOSPC)`,
  );
  expect(readdirSync(dir)).toEqual([]);
  rmSync(dir, { recursive: true });
});
