import { describe, expect, test } from "bun:test";
import type { Json, JsonObject } from "../../base/json-types.ts";
import { pluginRequestConfig, type RequestExtras } from "./derive.ts";
import { parseNetwork } from "./list.ts";
import { decodeResult } from "./result.ts";

const request = (cniVersion: string, plugin: JsonObject, extras: RequestExtras): JsonObject => {
  const list = parseNetwork({ cniVersion, name: "net", plugins: [plugin] } as Json);
  return pluginRequestConfig(list, list.plugins[0]!, extras);
};
const prevResult = decodeResult({ ips: [{ address: "10.1.0.5/24" }] }, "1.0.0");

test("a plugin gets its object with version and name, and keys nobody knows stay as they are", () => {
  const plugin = { type: "bridge", "example.com/x": { a: [1, null] }, big: 18446744073709551615n, isGateway: true };
  expect(request("1.0.0", plugin, { verb: "ADD" })).toEqual({ ...plugin, cniVersion: "1.0.0", name: "net" });
});

test("runtimeConfig has what is both declared true and supplied; capabilities are not passed on", () => {
  const plugin = { type: "portmap", capabilities: { portMappings: true, mac: false, ips: true } };
  const runtimeConfig = { portMappings: [{ hostPort: 80, containerPort: 8080 }], mac: "02:00:00:00:00:01", dns: {} };
  expect(request("1.0.0", plugin, { verb: "ADD", runtimeConfig })).toEqual({
    type: "portmap",
    cniVersion: "1.0.0",
    name: "net",
    runtimeConfig: { portMappings: runtimeConfig.portMappings },
  });
  expect(request("1.0.0", { type: "x", capabilities: { ips: true } }, { verb: "ADD", runtimeConfig })).toEqual({
    type: "x",
    cniVersion: "1.0.0",
    name: "net",
  });
});

test("what the runtime says replaces other spellings of the same key", () => {
  expect(
    request("1.0.0", { type: "x", CNIVersion: "0.1.0", Name: "y", PrevResult: {} }, { verb: "ADD", prevResult }),
  ).toEqual({
    type: "x",
    cniVersion: "1.0.0",
    name: "net",
    prevResult: { cniVersion: "1.0.0", ips: [{ address: "10.1.0.5/24" }] },
  });
});

describe("prevResult", () => {
  test("is written in the version of the list", () => {
    expect(request("0.2.0", { type: "x" }, { verb: "ADD", prevResult }).prevResult).toEqual({
      cniVersion: "0.2.0",
      ip4: { ip: "10.1.0.5/24" },
      dns: {},
    });
  });
  test("reaches DEL since 0.4.0 and not before", () => {
    expect(request("0.4.0", { type: "x" }, { verb: "DEL", prevResult }).prevResult).toBeDefined();
    expect(request("0.3.1", { type: "x" }, { verb: "DEL", prevResult }).prevResult).toBeUndefined();
    expect(request("0.3.1", { type: "x" }, { verb: "ADD", prevResult }).prevResult).toBeDefined();
  });
});

describe("the attachments of GC", () => {
  const live = [{ containerId: "c1", ifname: "eth0" }];
  const written = [{ containerID: "c1", ifname: "eth0" }];
  test("stand under the spec's key and under its forerunner", () => {
    expect(request("1.1.0", { type: "x" }, { verb: "GC", validAttachments: live })).toMatchObject({
      "cni.dev/valid-attachments": written,
      "cni.dev/attachments": written,
    });
  });
  test("are never taken from a config file", () => {
    const plugin = { type: "x", "cni.dev/valid-attachments": [], "cni.dev/attachments": [], "cni.dev/other": 1 };
    expect(request("1.1.0", plugin, { verb: "GC" })).toEqual({
      type: "x",
      cniVersion: "1.1.0",
      name: "net",
      "cni.dev/other": 1,
    });
  });
  test("an empty list is passed on: nothing lives", () => {
    expect(request("1.1.0", { type: "x" }, { verb: "GC", validAttachments: [] })["cni.dev/valid-attachments"]).toEqual(
      [],
    );
  });
});
