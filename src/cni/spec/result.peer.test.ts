/** The Go plugin host-local as oracle: needs its binary and nothing of the kernel. */
import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseJson, stringifyJson } from "../../base/json.ts";
import type { JsonObject } from "../../base/json-types.ts";
import { type PluginOutput, pluginFault } from "./error.ts";
import { decodeResult, encodeResult, printResult } from "./result.ts";
import { type CniVersion, cniVersions } from "./types.ts";

const cniPath = process.env.CNI_PATH ?? "/usr/lib/cni";

const config = (cniVersion: string, ranges: readonly string[], dataDir: string): JsonObject => ({
  cniVersion,
  name: "oracle",
  type: "bridge",
  ipam: {
    type: "host-local",
    dataDir,
    routes: [{ dst: "0.0.0.0/0" }, { dst: "10.9.0.0/16", gw: "10.1.0.9" }, { dst: "fd09::/32", gw: "fd00::9" }],
    ranges: ranges.map((subnet) => [{ subnet }]),
  },
});

/** ADD over an empty store, so that the addresses are the same every time. */
const add = (cniVersion: string, ranges: readonly string[]): PluginOutput => {
  const dataDir = mkdtempSync(join(tmpdir(), "podwire-result-"));
  try {
    const done = Bun.spawnSync([join(cniPath, "host-local")], {
      stdin: Buffer.from(stringifyJson(config(cniVersion, ranges, dataDir))),
      env: {
        CNI_COMMAND: "ADD",
        CNI_CONTAINERID: "oracle",
        CNI_NETNS: "/run/netns/none",
        CNI_IFNAME: "eth0",
        CNI_PATH: cniPath,
      },
    });
    return { stdout: done.stdout.toString(), stderr: done.stderr.toString(), exit: done.exitCode };
  } finally {
    rmSync(dataDir, { recursive: true });
  }
};

/** The result's text. Older libraries write an empty `dns` in 1.0.0 too, newer ones and we do not. */
const resultText = (version: CniVersion, ranges: readonly string[]): string => {
  const { stdout, exit } = add(version, ranges);
  expect(exit).toBe(0);
  return version === "1.0.0" ? stdout.replace(',\n    "dns": {}', "") : stdout;
};

// Debian's build is of a library that does not know 1.1.0.
const known = cniVersions.filter((version) => version !== "1.1.0");
const dual = ["10.1.0.0/24", "fd00::/64"];

describe("a Go plugin's result, read and written again, is the same text", () => {
  for (const version of known)
    for (const ranges of [dual.slice(0, 1), dual.slice(1), dual])
      test(`${version} with ${ranges.join(" and ")}`, () => {
        const text = resultText(version, ranges);
        expect(printResult(encodeResult(decodeResult(parseJson(text, "stdout"), "0.1.0"), version))).toBe(text);
      });
});

describe("a Go plugin's result, converted by us, is what the Go plugin says in that version", () => {
  for (const from of known)
    for (const to of known)
      test(`${from} to ${to}`, () => {
        const result = decodeResult(parseJson(resultText(from, dual), "stdout"), "0.1.0");
        expect(printResult(encodeResult(result, to))).toBe(resultText(to, dual));
      });
});

test("a Go plugin's error object is read whole", () => {
  const output = add("9.9.9", []);
  expect(output.exit).toBe(1);
  expect(pluginFault("host-local", output).fault).toMatchObject({
    kind: "plugin",
    code: 1,
    msg: "incompatible CNI versions",
  });
});
