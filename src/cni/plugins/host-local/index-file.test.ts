import { afterAll, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import { parseIp } from "../../../base/ip.ts";
import { systemDisk } from "./disk.ts";
import { IndexFile } from "./index-file.ts";
import { tempDir } from "./testing/caller.ts";

const dir = tempDir();
afterAll(() => dir[Symbol.dispose]());
const { files } = systemDisk;
const head = { mtimeNs: 1n, ino: 2n, boot: "boot-a" };
const ips = ["10.0.0.1", "10.0.0.2", "fd00::1", "fd00::2", "::1"].map((x) => parseIp(x));

test("the index finds, over any additions and removals, what a plain list finds", () => {
  const path = `${dir.path}/any.index`;
  const change = fc.record({ add: fc.boolean(), pod: fc.nat(300), ip: fc.constantFrom(...ips) });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 600, size: "max" }), (changes) => {
      const index = IndexFile.create(files, path, [], head, false);
      const plain = new Set<string>();
      for (const { add, pod, ip } of changes) {
        const owner = `pod${pod}\r\neth0`;
        if (add === plain.has(`${owner} ${ip}`)) continue;
        if (add) index.add({ ip, owner, seconds: pod });
        else index.remove(owner, ip);
        if (add) plain.add(`${owner} ${ip}`);
        else plain.delete(`${owner} ${ip}`);
      }
      for (let pod = 0; pod <= 300; pod++) {
        const owner = `pod${pod}\r\neth0`;
        const want = ips.filter((ip) => plain.has(`${owner} ${ip}`)).sort();
        expect(index.find(owner).sort()).toEqual(want);
      }
      index.close();
    }),
    { numRuns: 20 },
  );
});

test("what was sealed is there when the file is opened again", () => {
  const path = `${dir.path}/sealed.index`;
  const index = IndexFile.create(files, path, [], head, true);
  for (let i = 0; i < 1000; i++) index.add({ ip: ips[0]!, owner: `pod${i}`, seconds: i });
  index.seal({ mtimeNs: 77n, ino: 3n });
  index.close();
  const again = IndexFile.open(files, path, "r")!;
  expect(again.header).toMatchObject({ mtimeNs: 77n, ino: 3n, boot: "boot-a" });
  expect(again.find("pod999")).toEqual([ips[0]!]);
  expect(again.knows({ ip: ips[0]!, owner: "pod5", seconds: 5 })).toBe(true);
  expect(again.knows({ ip: ips[0]!, owner: "pod5", seconds: 6 })).toBe(false);
  again.close();
});

test("a file that is cut short, or is none of ours, counts as no index", () => {
  const path = `${dir.path}/cut.index`;
  IndexFile.create(files, path, [], head, false).close();
  const whole = readFileSync(path);
  writeFileSync(path, whole.subarray(0, whole.length - 1));
  expect(IndexFile.open(files, path, "r")).toBeUndefined();
  writeFileSync(path, "something else that is long enough to be read as a header, if no one looked at how it begins");
  expect(IndexFile.open(files, path, "r")).toBeUndefined();
});
