import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as files from "./files.ts";

const dir = mkdtempSync(`${tmpdir()}/files-`);
afterAll(() => rmSync(dir, { recursive: true }));

test("a file of any length is read whole", () => {
  for (const length of [0, 1, 4095, 4096, 4097, 300_000]) {
    writeFileSync(`${dir}/long`, "é".repeat(length));
    expect(files.readFileSync(`${dir}/long`)).toBe("é".repeat(length));
  }
});

test("what is at a path is what node:fs says", () => {
  writeFileSync(`${dir}/stat`, "12345");
  files.utimesSync(`${dir}/stat`, { s: 1_000_000_007, ns: 123_456_789 });
  const want = statSync(`${dir}/stat`, { bigint: true });
  const got = files.statSync(`${dir}/stat`);
  expect(got.ino).toBe(want.ino);
  expect(got.size).toBe(5);
  expect(BigInt(got.mtime.s) * 1_000_000_000n + BigInt(got.mtime.ns)).toBe(want.mtimeNs);
  expect([files.isFile(got), files.isFolder(got), files.isFolder(files.statSync(dir))]).toEqual([true, false, true]);
  expect(files.findStat(`${dir}/none`)).toBeUndefined();
});

test("writing at a place leaves the rest", () => {
  const fd = files.openSync(`${dir}/place`, files.O.rdwr | files.O.creat, 0o600);
  files.writeSync(fd, "abcdef");
  files.writeSync(fd, "XY", 2);
  files.ftruncateSync(fd, 5);
  files.closeSync(fd);
  expect(readFileSync(`${dir}/place`, "utf8")).toBe("abXYe");
  expect(statSync(`${dir}/place`).mode & 0o777).toBe(0o600);
});

test("folders are made with those above them, and one that is there will do", () => {
  files.mkdirSync(`${dir}/a/b/c`, 0o755);
  files.mkdirSync(`${dir}/a/b/c`, 0o755);
  expect(statSync(`${dir}/a/b/c`).isDirectory()).toBe(true);
  expect(() => files.mkdirSync(`${dir}/stat/below`, 0o755)).toThrow("ENOTDIR");
});

test("a failure is an io fault that names the call, the path and the errno", () => {
  const path = `${dir}/none`;
  expect(() => files.openSync(path, files.O.rdonly)).toThrow(
    expect.objectContaining({ fault: { kind: "io", op: "openat", path, errno: "ENOENT" } }),
  );
});

test("a path with a NUL in it is refused instead of ending there", () => {
  writeFileSync(`${dir}/short`, "");
  expect(() => files.unlinkSync(`${dir}/short\0er`)).toThrow("no NUL");
  expect(files.existsSync(`${dir}/short`)).toBe(true);
});
