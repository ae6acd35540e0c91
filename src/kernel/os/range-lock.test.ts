import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openRangeLocks } from "./range-lock.ts";

const inFolder = async (act: (file: string) => Promise<void> | void): Promise<void> => {
  const dir = mkdtempSync(join(tmpdir(), "podwire-lock-"));
  try {
    await act(join(dir, "lock"));
  } finally {
    rmSync(dir, { recursive: true });
  }
};

test("shared holders stand beside each other, an exclusive one alone, and other bytes are free", () =>
  inFolder((file) => {
    using a = openRangeLocks(file);
    using b = openRangeLocks(file);
    const far = 2 ** 48;
    expect([a.try(5, "shared"), b.try(5, "shared"), b.try(5, "exclusive")]).toEqual([true, true, false]);
    expect([b.try(6, "exclusive"), a.try(far, "exclusive"), b.try(far, "shared")]).toEqual([true, true, false]);
    expect([a.try(5, "none"), b.try(5, "exclusive")]).toEqual([true, true]);
  }));

test("closing gives everything back", () =>
  inFolder((file) => {
    using b = openRangeLocks(file);
    {
      using a = openRangeLocks(file);
      a.try(1, "exclusive");
      expect(b.try(1, "shared")).toBe(false);
    }
    expect(b.try(1, "exclusive")).toBe(true);
  }));

test("another process is kept out, and being killed gives the lock back", () =>
  inFolder(async (file) => {
    const script = `${file}.ts`;
    writeFileSync(
      script,
      `import { openRangeLocks } from ${JSON.stringify(join(import.meta.dir, "range-lock.ts"))};
       const locks = openRangeLocks(${JSON.stringify(file)});
       console.log(locks.try(3, "exclusive"));
       setInterval(() => locks, 1000);`,
    );
    const other = Bun.spawn([process.execPath, script], { stdout: "pipe" });
    const { value } = await other.stdout.getReader().read();
    expect(Buffer.from(value!).toString().trim()).toBe("true");
    using mine = openRangeLocks(file);
    expect(mine.try(3, "shared")).toBe(false);
    other.kill("SIGKILL");
    await other.exited;
    expect(mine.try(3, "exclusive")).toBe(true);
  }));
