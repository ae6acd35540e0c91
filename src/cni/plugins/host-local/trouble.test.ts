/** What a user reads when a file that host-local needs cannot be read or written. */
import { expect, test } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import { cniErrorOf } from "../../spec/error.ts";
import { systemDisk } from "./disk.ts";
import { caller, tempDir } from "./testing/caller.ts";
import { crashingDisk } from "./testing/crashing-disk.ts";

const small = { subnet: "10.1.0.0/29" };

test("a full disk is told with the file and a way to look, whichever call it fails, and nothing stays reserved", async () => {
  using dir = tempDir();
  let seen = 0;
  for (let at = 0; ; at++) {
    const disk = crashingDisk(systemDisk, at, "ENOSPC");
    const net = caller({ dataDir: dir.path, ipam: small, disk });
    const error = await net.add("a").catch((e: unknown) => e);
    if (disk.calls <= at) break;
    if (!(error instanceof Error)) {
      await net.del("a"); // a call without which it goes on, such as one on the index
      continue;
    }
    seen++;
    const { code, msg, details } = cniErrorOf(error, "1.1.0");
    expect({ code, msg }).toEqual({
      code: 5,
      msg: expect.stringMatching(new RegExp(`^\\w+ ${dir.path}/\\S+: no space left on the disk \\(ENOSPC\\)$`)),
    });
    expect(details).toStartWith(`df -h ${dir.path}`);
    expect(existsSync(net.dir) ? readdirSync(net.dir).filter((name) => name.startsWith("10.")) : []).toEqual([]);
  }
  expect(seen).toBeGreaterThan(3);
});

test("a resolvConf that is not there is named by its key, and nothing is reserved", async () => {
  using dir = tempDir();
  const net = caller({ dataDir: dir.path, ipam: { ...small, resolvConf: "/no/such" } });
  const error = await net.add("a").catch((e: unknown) => e);
  expect(cniErrorOf(error, "1.1.0")).toMatchObject({
    code: 5,
    msg: "read ipam.resolvConf /no/such: no such file or directory (ENOENT)",
  });
  expect(existsSync(net.dir)).toBe(false);
});
