/** /proc as it is found: processes end while they are looked at. */
import { expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { processOf, socketOwners } from "./processes.ts";

const withProc = (act: (proc: string) => void): void => {
  const proc = mkdtempSync(`${tmpdir()}/proc-`);
  try {
    act(proc);
  } finally {
    rmSync(proc, { recursive: true });
  }
};

const process = (
  proc: string,
  pid: number,
  files: Readonly<Record<string, string>>,
  sockets: readonly number[],
): void => {
  mkdirSync(`${proc}/${pid}/fd`, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(`${proc}/${pid}/${name}`, text);
  for (const [fd, inode] of sockets.entries()) symlinkSync(`socket:[${inode}]`, `${proc}/${pid}/fd/${fd}`);
};

test("owners of sockets, by inode: each process once, in the order of their ids", () =>
  withProc((proc) => {
    process(proc, 20, { comm: "nginx\n", cmdline: "nginx: master\0-g\0daemon off;\0" }, [7, 7, 8, 99]);
    process(proc, 3, { comm: "systemd\n", cmdline: "" }, [7]);
    symlinkSync("/dev/null", `${proc}/20/fd/9`);
    const { of, hidden } = socketOwners(new Set([7, 8]), proc);
    expect(hidden).toBe(0);
    expect([...of].map(([inode, who]) => [inode, who.map((p) => [p.pid, p.comm, p.command])])).toEqual([
      [
        7,
        [
          [3, "systemd", ""],
          [20, "nginx", "nginx: master -g daemon off;"],
        ],
      ],
      [8, [[20, "nginx", "nginx: master -g daemon off;"]]],
    ]);
  }));

test("a process that has ended between two looks is left out, whatever is gone of it", () =>
  withProc((proc) => {
    process(proc, 4, { comm: "there\n", cmdline: "there\0" }, [7]);
    // Its descriptors are there still, its name is not.
    process(proc, 5, {}, [7, 8]);
    // Its folder is there still, its descriptors are not.
    mkdirSync(`${proc}/6`);
    // Its descriptor went between the listing and the look: a link that leads nowhere is a file that cannot be read.
    process(proc, 8, { comm: "half\n", cmdline: "" }, []);
    writeFileSync(`${proc}/8/fd/3`, "");
    const { of, hidden } = socketOwners(new Set([7, 8]), proc);
    expect([...of].map(([inode, who]) => [inode, who.map((p) => p.comm)])).toEqual([[7, ["there"]]]);
    expect(hidden).toBe(0);
    expect(processOf(5, proc)).toBeUndefined();
    expect(processOf(77, proc)).toBeUndefined();
    // Of one whose command line is gone the rest is told.
    process(proc, 9, { comm: "kthread\n" }, []);
    expect(processOf(9, proc)).toMatchObject({ comm: "kthread", command: "" });
  }));
