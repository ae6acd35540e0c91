/** The record of what was done: written whole, read back, and refused when it is not ours. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { faultOf } from "../../base/fault.ts";
import { type FirewallRecord, readRecord, writeRecord } from "./record.ts";

let folder = "";
let path = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "record-"));
  path = join(folder, "podwire", "firewall.json");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const record: FirewallRecord = {
  apiVersion: "podwire.dev/v1alpha1",
  kind: "FirewallRecord",
  entries: [
    {
      manager: "iptables-nft",
      line: ["iptables-nft", "-I", "INPUT"],
      undo: { kind: "run", run: ["iptables-nft", "-D", "INPUT"], when: ["iptables-nft", "-C", "INPUT"] },
      unconfirmed: "run",
    },
    {
      manager: "firewalld",
      line: ["firewall-cmd", "--add-port=1/tcp"],
      undo: { kind: "run", run: ["firewall-cmd", "--remove-port=1/tcp"], gone: [112] },
    },
    {
      manager: "nftables",
      line: ["nft", "insert"],
      undo: { kind: "nft-rule", table: { family: "inet", name: "mine" }, chain: "in", comment: "podwire: api" },
    },
  ],
  boot: [{ manager: "nftables", path: "/etc/nftables.conf" }],
};

test("what is written is read back, by root alone", () => {
  writeRecord(record, path);
  expect(readRecord(path)).toEqual(record);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readdirSync(join(folder, "podwire"))).toEqual(["firewall.json"]);
});

test("nothing done is no file, and no file is nothing done", () => {
  expect(readRecord(path).entries).toEqual([]);
  writeRecord(record, path);
  writeRecord({ ...record, entries: [], boot: [] }, path);
  expect(existsSync(path)).toBe(false);
});

test("a record that cannot be written leaves the old one and nothing beside it", () => {
  writeRecord(record, path);
  writeFileSync(join(folder, "file"), "");
  let fault: unknown;
  try {
    writeRecord(record, join(folder, "file", "firewall.json"));
  } catch (error) {
    fault = faultOf(error);
  }
  expect(fault).toMatchObject({ kind: "io" });
  expect(readRecord(path)).toEqual(record);
  expect(readdirSync(folder).sort()).toEqual(["file", "podwire"]);
});

const broken: Readonly<Record<string, string>> = {
  "no JSON": '{"kind": "FirewallRec',
  "empty file": "",
  "another kind": JSON.stringify({ ...record, kind: "Lab" }),
  "no entries": JSON.stringify({ ...record, entries: undefined }),
  "an entry without a way back": JSON.stringify({ ...record, entries: [{ manager: "ufw", line: ["ufw"] }] }),
  "a manager that we do not know": JSON.stringify({
    ...record,
    entries: [{ ...record.entries[0], manager: "rm" }],
  }),
  "rules that are not ours": JSON.stringify({
    ...record,
    entries: [{ ...record.entries[2], undo: { ...record.entries[2]!.undo, comment: "theirs" } }],
  }),
};

for (const [name, text] of Object.entries(broken))
  test(`refused, with what to do: ${name}`, () => {
    writeRecord(record, path);
    writeFileSync(path, text);
    let fault: unknown;
    try {
      readRecord(path);
    } catch (error) {
      fault = faultOf(error);
    }
    expect(fault).toMatchObject({ kind: "unavailable", fix: expect.stringContaining(`mv ${path} ${path}.broken`) });
  });
