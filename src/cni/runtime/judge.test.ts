import { expect, test } from "bun:test";
import { faultMessage } from "../../base/fault.ts";
import type { Json } from "../../base/json-types.ts";
import { parseNetwork } from "../spec/list.ts";
import { judge } from "./judge.ts";

const ipam = { type: "host-local", subnet: "10.1.0.0/24" };
const bridge = { type: "bridge", ipam };
const portmap = { type: "portmap", capabilities: { portMappings: true } };
const said = async (...plugins: Json[]): Promise<string[]> =>
  (await judge(parseNetwork({ cniVersion: "1.0.0", name: "n", plugins }))).map(
    ({ is, at, fault }) => `${is} ${at} ${faultMessage(fault).replace(`${at}: `, "")}`,
  );

test("a chain in which every plugin stands where it can work is fine", async () => {
  expect(await said(bridge, portmap, { type: "firewall" }, { type: "tuning" })).toEqual([]);
  // What a plugin of others makes is not for us to say.
  expect(await said({ type: "calico" }, portmap)).toEqual([]);
  expect(await said({ type: "bridge", ipam: {} })).toEqual([]);
});

test("a plugin that works on an interface comes after the one that makes it", async () => {
  expect(await said(portmap, bridge)).toEqual([
    "error plugins[0].type portmap works on the interface that another plugin makes, so it comes after that one",
  ]);
  expect(await said({ type: "sbr" })).toEqual([
    "error plugins[0].type sbr works on the interface that another plugin makes, and the list has none",
  ]);
  expect(await said(bridge, { type: "dhcp" })).toEqual([
    'error plugins[1].type dhcp gives addresses: it belongs into "ipam" of the plugin that makes the interface',
  ]);
});

test("ipam without a type, or with one that gives no addresses, is told", async () => {
  expect(await said({ type: "bridge", ipam: { subnet: "10.1.0.0/24" } })).toEqual([
    "error plugins[0].ipam.type expected the name of an IPAM plugin, such as host-local, got none: pods would have no address",
  ]);
  // ptp says so itself, once.
  expect(await said({ type: "ptp", ipam: { subnet: "10.1.0.0/24" } })).toHaveLength(1);
  expect(await said({ type: "bridge", ipam: { type: "portmap" } })).toContainEqual(
    expect.stringContaining("error plugins[0].ipam.type portmap is no IPAM plugin"),
  );
});

test("capabilities that are missing, mistyped or of no use are told", async () => {
  expect(await said(bridge, { type: "portmap", capabilities: { portMapping: true } })).toEqual([
    "warning plugins[1].capabilities.portMapping portmap makes no use of this capability; did you mean portMappings?",
    'warning plugins[1].capabilities without "capabilities": {"portMappings": true} no runtime passes portMappings, and portmap does nothing',
  ]);
  expect(await said(bridge, { type: "bandwidth" })).toHaveLength(1);
  expect(await said(bridge, { type: "bandwidth", ingressRate: 1_000_000, ingressBurst: 1_000_000 })).toEqual([]);
  // An IPAM plugin's capabilities stand with the plugin that calls it.
  expect(await said({ ...bridge, capabilities: { ipRanges: true, mac: true } })).toEqual([]);
});

test("every bad key is told, and none that is missed only because a bad one was left aside", async () => {
  expect(
    await said({ type: "bridge", mtu: "x", vlan: 9999, ipam: { type: "host-local", subnet: "10.0.0.0/99" } }),
  ).toEqual([
    'error plugins[0].mtu mtu: expected a whole number, got the string "x"',
    "error plugins[0].vlan vlan: expected a whole number from 0 to 4094, got 9999",
    expect.stringContaining("error plugins[0].ipam.subnet"),
  ]);
});
