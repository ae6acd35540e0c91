/**
 * What a plugin loads before it can answer. No clock here: a file that grows, or takes in what another verb needs, has made
 * every start slower by the time a bench shows it (docs/decisions/0006-what-a-start-costs.md).
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pluginFace, pluginNames } from "../src/cni/plugins/registry.ts";

const repository = join(import.meta.dir, "..");
let out = "";

beforeAll(() => {
  out = mkdtempSync(join(tmpdir(), "podwire-bundle-"));
  const bundled = spawnSync(process.execPath, ["scripts/bundle.mjs", out], { cwd: repository, encoding: "utf8" });
  expect({ status: bundled.status, stderr: bundled.stderr }).toEqual({ status: 0, stderr: "" });
}, 60_000);
afterAll(() => rmSync(out, { recursive: true }));

const read = (file: string): string => readFileSync(join(out, file), "utf8");
const kilobytes = (file: string): number => Math.ceil(read(file).length / 1024);
/** The modules of src that a file holds, by the comments that the bundler leaves. */
const modules = (file: string): string[] => [...read(file).matchAll(/^\/\/ (src\/\S+)$/gm)].map((m) => m[1]!);
const imports = (file: string): string[] => [...read(file).matchAll(/import\(?\s*"([^"]+)"/g)].map((m) => m[1]!);

test("VERSION is answered by the executable's first file, which holds faces, streams and no plugin", () => {
  const beside = [
    "base/errno-words",
    "base/fault",
    "kernel/os/errno",
    "kernel/os/syscall",
    "kernel/os/files",
    "cni/spec/types",
    "cni/introduce",
    "cni/plugins/registry",
    "app/write-all",
    "app/plugin-streams",
    "app/face-main",
  ].map((name) => `src/${name}.ts`);
  const loaded = modules("faces.js");
  expect(loaded.filter((m) => !m.endsWith("/face.ts")).toSorted()).toEqual(beside.toSorted());
  expect(loaded).toHaveLength(beside.length + pluginNames.length);
  expect(kilobytes("faces.js")).toBeLessThan(20);
  expect(/\bfaceMain = \(name/.test(read("main.js"))).toBe(true);
  expect([...read("main.js").matchAll(/^import .* from "([^"]+)"/gm)].map((m) => m[1])).toEqual(["bun:ffi"]);
  expect(kilobytes("main.js")).toBeLessThan(24);
});

test("a plugin has a file for ADD and DEL without the code of other verbs, and one with all", () => {
  const files = pluginNames.map((name) => `${name}.js`).toSorted();
  expect(readdirSync(join(out, "acts")).toSorted()).toEqual(files);
  expect(readdirSync(join(out, "plugins")).toSorted()).toEqual(files);
  const asked = /^src\/cni\/.*\/(check|status|health|check-[\w-]+)\.ts$/;
  /** Why a link of that kind could not be made is asked of the same probes as by STATUS. */
  const needed = ["src/cni/attach/status.ts"];
  for (const name of pluginNames) {
    const unneeded = modules(`acts/${name}.js`).filter((m) => asked.test(m) && !needed.includes(m));
    expect({ name, unneeded }).toEqual({ name, unneeded: [] });
    expect(modules(`plugins/${name}.js`).length).toBeGreaterThanOrEqual(modules(`acts/${name}.js`).length);
    expect({ name, fits: kilobytes(`acts/${name}.js`) < 290 }).toEqual({ name, fits: true });
  }
});

test("ADD and DEL have the IPAM plugins that are asked often; the DHCP client waits in a file of its own", () => {
  const of = (name: string, plugin: string): string[] =>
    modules(`acts/${name}.js`).filter((m) => m.startsWith(`src/cni/plugins/${plugin}/`) && !m.endsWith("/face.ts"));
  for (const name of pluginNames.filter((n) => pluginFace(n).kind === "main")) {
    expect({ name, modules: of(name, "dhcp") }).toEqual({ name, modules: [] });
    expect(of(name, "host-local")).toContain("src/cni/plugins/host-local/host-local.ts");
    expect(of(name, "static")).toContain("src/cni/plugins/static/index.ts");
    expect(imports(`acts/${name}.js`).filter((path) => !path.includes(":"))).toEqual([join(out, "later/dhcp.js")]);
  }
  expect(modules("later/dhcp.js")).toContain("src/cni/plugins/dhcp/index.ts");
});
