/**
 * The cache format against an entry that cnitool 1.3.0 (libcni) wrote: `cnitool add pods /run/netns/rt-pod` with
 * CAP_ARGS={"mac":"02:00:00:00:00:05"} and CNI_ARGS=IgnoreUnknown=1;K8S_POD_NAME=web, plugins from Debian 12.
 */
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseNetwork } from "../spec/list.ts";
import { cacheName, decodeEntry, encodeEntry, isWhole } from "./cache-format.ts";

const captured = readFileSync(join(import.meta.dir, "fixtures/cnitool-1.3.0-pods.json"), "utf8");
const progress = { started: 2, finished: 2, of: 2 };

test("what libcni wrote is read whole", () => {
  const entry = decodeEntry(captured, "f", undefined);
  expect(entry).toMatchObject({
    network: "pods",
    containerId: "cnitool-5d19d326e3c962ad0409",
    ifname: "eth0",
    netns: "/run/netns/rt-pod",
    args: "IgnoreUnknown=1;K8S_POD_NAME=web",
    capabilityArgs: { mac: "02:00:00:00:00:05" },
  });
  expect(entry.damage).toBeUndefined();
  expect(entry.list?.plugins.map((p) => p.type)).toEqual(["bridge", "tuning"]);
  expect(entry.result?.interfaces.map((i) => i.name)).toContain("eth0");
  expect(isWhole(entry)).toBe(true);
});

test("what we write is what libcni wrote, and one key more", () => {
  const { list, result, args, capabilityArgs, netns, containerId, ifname } = decodeEntry(captured, "f", undefined);
  const attach = { containerId, ifname, netns, args, capabilityArgs };
  const ours = JSON.parse(encodeEntry({ list: list!, attach, result, progress }));
  const theirs = JSON.parse(captured);
  const config = (entry: { config: string }) => JSON.parse(Buffer.from(entry.config, "base64").toString());
  expect(config(ours)).toEqual(config(theirs));
  expect({ ...ours, config: "" }).toEqual({ ...theirs, config: "", podwire: progress });
});

test("an entry is named as libcni names it", () => {
  expect(cacheName({ network: "pods", containerId: "c-1", ifname: "eth0" })).toBe("pods-c-1-eth0");
});

test("a bare result, the oldest format, is read when the caller knows whose it is", () => {
  const text = '{"cniVersion":"0.3.1","interfaces":[{"name":"eth0"}],"ips":[]}';
  const entry = decodeEntry(text, "f", { network: "n", containerId: "c", ifname: "eth0" });
  expect([entry.network, entry.result?.interfaces[0]?.name, entry.damage]).toEqual(["n", "eth0", undefined]);
  expect(decodeEntry(text, "f", undefined).damage).toMatchObject({ kind: "bad-config" });
});

test("plugins that came from a folder, and a config of one plugin, are written in whole", () => {
  const attach = { containerId: "c", ifname: "eth0", netns: "" };
  const back = (list: ReturnType<typeof parseNetwork>) =>
    decodeEntry(encodeEntry({ list, attach, progress }), "f", undefined).list?.plugins.map((p) => p.raw);
  const inline = { type: "bridge", rate: 9007199254740993n };
  const listed = parseNetwork({ cniVersion: "1.0.0", name: "n", plugins: [inline] }, () => [{ type: "tuning" }]);
  expect(back(listed)).toEqual([inline, { type: "tuning" }]);
  const foldered = parseNetwork({ cniVersion: "1.0.0", name: "n" }, () => [{ type: "tuning" }]);
  expect(back(foldered)).toEqual([{ type: "tuning" }]);
  const single = parseNetwork({ cniVersion: "0.4.0", name: "n", type: "bridge", bridge: "cni0" });
  expect(back(single)?.[0]).toMatchObject({ type: "bridge", bridge: "cni0" });
});

test("damage in one part leaves the others readable", () => {
  const entry = JSON.parse(captured);
  const noConfig = decodeEntry(JSON.stringify({ ...entry, config: "e30=" }), "f", undefined);
  expect([noConfig.list, noConfig.result !== undefined, noConfig.damage?.kind]).toEqual([
    undefined,
    true,
    "bad-config",
  ]);
  const noResult = decodeEntry(JSON.stringify({ ...entry, result: { ips: 5 } }), "f", undefined);
  expect([noResult.result, noResult.list?.name, noResult.damage?.kind]).toEqual([undefined, "pods", "bad-config"]);
  expect(decodeEntry("", "f", undefined).damage?.kind).toBe("bad-syntax");
  expect(decodeEntry(JSON.stringify({ ...entry, kind: "cniCacheV9" }), "f", undefined).damage).toBeDefined();
});
