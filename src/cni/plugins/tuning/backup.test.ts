/** The file's text: Go's keys as Go writes them, ours beside them, and no damage that throws. */
import { expect, test } from "bun:test";
import { parseMac } from "../../../base/mac.ts";
import { type Backup, backupText, parseBackup } from "./backup.ts";

const whole: Backup = {
  link: { mac: parseMac("02:00:00:00:00:01"), promisc: false, mtu: 1500, allmulti: true, txqlen: 0 },
  sysctls: { "net/ipv4/b": "1", "net/ipv4/a": "0\t1" },
  reads: { "net/ipv4/a": "2" },
  network: "net1",
  netns: "/run/netns/pod",
};

test("what is written is read again", () => {
  const bare: Backup = { link: {}, sysctls: {}, reads: {}, network: "n", netns: "/x" };
  for (const b of [whole, bare]) expect(parseBackup(backupText(b))).toEqual(b);
});

test("keys, order and indentation are the reference's", () => {
  expect(backupText(whole).split("\n").slice(0, 6)).toEqual([
    "{",
    ' "mac": "02:00:00:00:00:01",',
    ' "promisc": false,',
    ' "mtu": 1500,',
    ' "allmulti": true,',
    ' "txQLen": 0,',
  ]);
});

test("a file of the reference names no network", () => {
  expect(parseBackup('{\n "mac": "02:00:00:00:00:01",\n "mtu": 1500\n}')).toEqual({
    link: { mac: parseMac("02:00:00:00:00:01"), mtu: 1500 },
    sysctls: {},
    reads: {},
  });
  expect(parseBackup("{}")).toEqual({ link: {}, sysctls: {}, reads: {} });
});

test("a link address of twenty bytes, as InfiniBand has", () => {
  const mac = Array.from({ length: 20 }, (_, i) => i.toString(16).padStart(2, "0")).join(":");
  expect(parseBackup(JSON.stringify({ mac }))?.link).toEqual({ mac: mac as never });
});

test("what is cut, empty or nonsense is no backup", () => {
  const text = backupText(whole);
  for (let n = 0; n < text.length; n++) expect(parseBackup(text.slice(0, n))).toBeUndefined();
  for (const bad of ["[]", "null", '{"mtu":"x"}', '{"mac":"zz"}', '{"podwire":1}', '{"podwire":{"sysctls":{"a":1}}}'])
    expect(parseBackup(bad)).toBeUndefined();
});
