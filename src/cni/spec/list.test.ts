import { describe, expect, test } from "bun:test";
import { parseJson } from "../../base/json.ts";
import type { Json } from "../../base/json-types.ts";
import { parseNetwork } from "./list.ts";

const plugin = { type: "bridge", bridge: "cni0", ipam: { type: "host-local", subnet: "10.244.0.0/16" } };
const list = (more: object): Json => ({ cniVersion: "1.0.0", name: "net", plugins: [plugin], ...more }) as Json;

test("a list gives its plugins with their raw objects whole", () => {
  const text =
    '{"cniVersion":"1.0.0","name":"net","plugins":[{"type":"bridge","x":{"deep":[18446744073709551615]},"capabilities":{"mac":true,"ips":false}}]}';
  const network = parseNetwork(parseJson(text, "net.conflist"));
  expect(network).toMatchObject({ cniVersion: "1.0.0", name: "net", disableCheck: false, disableGC: false });
  expect(network.plugins).toEqual([
    {
      type: "bridge",
      capabilities: ["mac"],
      dns: {},
      raw: { type: "bridge", x: { deep: [18446744073709551615n] }, capabilities: { mac: true, ips: false } },
    },
  ]);
});

test("a config of one plugin becomes a list of one", () => {
  const text = `{
    "cniVersion": "0.4.0", "name": "example-network", "type": "bridge", "bridge": "cni0",
    "ipam": { "type": "host-local", "subnet": "10.244.0.0/16" }
  }`;
  const network = parseNetwork(parseJson(text, "10-bridge.conf"));
  expect([network.cniVersion, network.name, network.plugins.length]).toEqual(["0.4.0", "example-network", 1]);
  expect(network.plugins[0]).toMatchObject({ type: "bridge", ipam: "host-local" });
});

test("switches may be words of any case", () => {
  for (const yes of [true, "true", "True", "TRUE"]) {
    const { disableCheck, disableGC } = parseNetwork(list({ disableCheck: yes, disableGC: yes }));
    expect([disableCheck, disableGC]).toEqual([true, true]);
  }
  expect(parseNetwork(list({ disableCheck: "FALSE" })).disableCheck).toBe(false);
  expect(() => parseNetwork(list({ disableCheck: "yes" }))).toThrow('disableCheck: expected true or false, got "yes"');
  expect(() => parseNetwork(list({ disableGC: 1 }))).toThrow("disableGC: expected true or false, got 1");
});

describe("the version", () => {
  const version = (more: object): string => parseNetwork(list(more)).cniVersion;
  test("alone it is taken as it is, and none means 0.1.0", () => {
    expect(version({ cniVersion: "0.3.1" })).toBe("0.3.1");
    expect(version({ cniVersion: undefined })).toBe("0.1.0");
  });
  test("of several the newest that we know is taken", () => {
    expect(version({ cniVersion: "0.4.0", cniVersions: ["1.0.0", "0.3.1"] })).toBe("1.0.0");
    expect(version({ cniVersion: "1.1.0", cniVersions: ["0.3.1"] })).toBe("1.1.0");
    expect(version({ cniVersion: "0.4.0", cniVersions: ["1.1.0", "99.0.0"] })).toBe("1.1.0");
    expect(version({ cniVersion: "2.0.0", cniVersions: ["0.4.0"] })).toBe("0.4.0");
  });
  test("that nobody released is refused", () => {
    expect(() => version({ cniVersion: "2.0.0" })).toThrow('got "2.0.0"');
    expect(() => version({ cniVersions: ["latest"] })).toThrow("not a CNI version");
  });
});

describe("what cannot be a network is refused by the path of the key", () => {
  const cases: readonly [name: string, json: object, message: string][] = [
    ["no name", { name: undefined }, "name: expected the name of the network"],
    ["a name with a slash", { name: "a/b" }, "name: expected a letter or digit"],
    ["no plugins", { plugins: undefined }, "plugins: expected at least one plugin, got none"],
    ["an empty list", { plugins: [] }, "plugins: expected at least one plugin, got an empty list"],
    ["a plugin without type", { plugins: [plugin, {}] }, "plugins[1].type: expected the name of a plugin"],
    ["a type that is a path", { plugins: [{ type: "../sh" }] }, "plugins[0].type: expected the name of a program"],
    ["an IPAM type that is a path", { plugins: [{ type: "a", ipam: { type: "/x" } }] }, "plugins[0].ipam.type: "],
    ["a plugin that is a string", { plugins: ["bridge"] }, "plugins[0]: expected an object"],
    ["a capability that is a word", { plugins: [{ type: "a", capabilities: { mac: "yes" } }] }, "capabilities.mac"],
  ];
  for (const [name, json, message] of cases) test(name, () => expect(() => parseNetwork(list(json))).toThrow(message));
});

describe("plugins in the folder named like the network", () => {
  const folder = (network: string): readonly Json[] => [{ type: "tuning", from: network }];
  const types = (json: Json): string[] => parseNetwork(json, folder).plugins.map((p) => p.type);
  test("come after those in the list", () => {
    expect(types(list({}))).toEqual(["bridge", "tuning"]);
    expect(types(list({ plugins: undefined }))).toEqual(["tuning"]);
    expect(parseNetwork(list({}), folder).plugins[1]?.raw).toEqual({ type: "tuning", from: "net" });
  });
  test("stay out when the list says so, and then the list must have its own", () => {
    expect(types(list({ loadOnlyInlinedPlugins: "True" }))).toEqual(["bridge"]);
    expect(() => types(list({ loadOnlyInlinedPlugins: true, plugins: undefined }))).toThrow("loadOnlyInlinedPlugins");
  });
  test("do not excuse an empty list", () => {
    expect(() => types(list({ plugins: [] }))).toThrow("got an empty list");
  });
});
