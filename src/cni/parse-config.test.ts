/** What DEL and GC leave aside of a config that ADD refuses. */
import { describe, expect, test } from "bun:test";
import type { JsonObject } from "../base/json-types.ts";
import { parsePluginConfig } from "./parse-config.ts";
import { loadPlugin, type PluginName } from "./plugins/registry.ts";

const broken: Record<string, [type: PluginName, raw: JsonObject, args?: string]> = {
  "a number out of range": ["bridge", { mtu: -5, vlan: "7", bridge: 3, ipam: { type: "host-local" } }],
  "a mapping that is none": ["portmap", { runtimeConfig: { portMappings: [{ hostPort: 70000 }], mac: "x" } }],
  "what is not supported": ["firewall", { backend: "firewalld", ingressPolicy: "closed" }],
  "a range that is none": ["host-local", { ipam: { type: "host-local", ranges: [[{ subnet: "10.1.2.3/24" }]] } }],
  "no range": ["host-local", { ipam: { type: "host-local" } }],
  "an argument that is none": ["bridge", { ipam: { type: "host-local" } }, "MAC=zz"],
  "a rate without a burst": ["bandwidth", { ingressRate: 1000 }],
  "an address that is none": ["ptp", { mtu: "x", ipam: { type: "host-local" } }],
};

describe("ADD refuses, DEL and GC leave aside", () => {
  for (const [name, [type, raw, args = ""]] of Object.entries(broken))
    test(name, async () => {
      const plugin = await loadPlugin(type);
      const about = { cniVersion: "1.1.0", network: "net1", args } as const;
      const said: string[] = [];
      const parse = (verb: "ADD" | "DEL" | "GC") =>
        parsePluginConfig(plugin, raw, { ...about, verb }, (line) => void said.push(line));
      expect(() => parse("ADD")).toThrow();
      expect(said).toEqual([]);
      expect(parse("DEL")).toBeDefined();
      expect(parse("GC")).toBeDefined();
      for (const line of said) expect(line).toStartWith("left aside: ");
    });
});

test("what cannot be done without is refused by DEL, too", async () => {
  const about = { cniVersion: "1.1.0", network: "net1", args: "", verb: "DEL" } as const;
  const ptp = await loadPlugin("ptp");
  expect(() => parsePluginConfig(ptp, {}, about, () => {})).toThrow("ipam.type");
});
