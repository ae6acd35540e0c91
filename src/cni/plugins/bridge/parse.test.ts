import { describe, expect, test } from "bun:test";
import { FaultError } from "../../../base/fault.ts";
import type { JsonObject } from "../../../base/json-types.ts";
import type { BridgeConfig } from "./config.ts";
import { bridgeKeys } from "./keys.ts";
import { parseConfig } from "./parse.ts";

const parse = (raw: JsonObject, args = ""): BridgeConfig =>
  parseConfig({ type: "bridge", ...raw }, { cniVersion: "1.1.0", network: "net1", args });
const refusal = (raw: JsonObject, args = ""): FaultError => {
  try {
    parse(raw, args);
  } catch (error) {
    if (error instanceof FaultError) return error;
    throw error;
  }
  throw new Error("was not refused");
};

test("an empty config is a layer 2 port of cni0 with everything off", () => {
  expect(parse({})).toEqual({
    bridge: "cni0",
    isGateway: false,
    isDefaultGateway: false,
    forceAddress: false,
    hairpin: false,
    promisc: false,
    isolated: false,
    masquerade: false,
    macSpoofCheck: false,
    trunk: [],
    keepDefaultVlan: false,
    dad: false,
    containerUp: true,
    dns: {},
  });
});

test("isDefaultGateway implies isGateway", () => {
  expect(parse({ isDefaultGateway: true })).toMatchObject({ isGateway: true, isDefaultGateway: true });
});

test("zero is the same as absent for mtu and vlan, and an IPAM object without a type is no IPAM", () => {
  expect(parse({ mtu: 0, vlan: 0, ipam: {} })).toEqual(parse({}));
});

describe("the MAC", () => {
  const [a, b, c] = ["02:00:00:00:00:0a", "02:00:00:00:00:0b", "02:00:00:00:00:0c"];
  const args = `IgnoreUnknown=1;MAC=${c};K8S_POD_NAME=web`;
  test("is runtimeConfig's, else args', else CNI_ARGS', else of chance", () => {
    const inArgs = { args: { cni: { mac: b } } };
    expect(String(parse({ runtimeConfig: { mac: a }, ...inArgs }, args).mac)).toBe(a);
    expect(String(parse(inArgs, args).mac)).toBe(b);
    expect(String(parse({}, args).mac)).toBe(c);
    expect(parse({}).mac).toBeUndefined();
  });
  test("of a group, or all zeros, is refused with the place it came from", () => {
    expect(refusal({ runtimeConfig: { mac: "01:00:5e:00:00:01" } }).message).toStartWith(
      "runtimeConfig.mac: got 01:00:5e",
    );
    const fromArgs = refusal({}, "MAC=00:00:00:00:00:00");
    expect(fromArgs.fault).toMatchObject({ kind: "bad-env", vars: ["CNI_ARGS"] });
    expect(fromArgs.message).toStartWith("CNI_ARGS: MAC: got 00:00");
  });
  test("leaves IP and GATEWAY of CNI_ARGS to the IPAM plugin, and other keys are refused", () => {
    expect(parse({}, "IP=10.1.2.3;GATEWAY=10.1.2.1").mac).toBeUndefined();
    expect(refusal({}, "COLOUR=red").message).toContain("unknown key COLOUR");
  });
});

describe("vlanTrunk", () => {
  const trunk = (...vlanTrunk: JsonObject[]) => parse({ vlanTrunk }).trunk.map((r) => `${r.first}-${r.last}`);
  test("takes single IDs, ranges and both in one, sorted, none twice, neighbours joined", () => {
    expect(trunk({ id: 9 }, { minID: 3, maxID: 5 }, { id: 6, minID: 4, maxID: 4 }, { id: 1 })).toEqual([
      "1-1",
      "3-6",
      "9-9",
    ]);
  });
  test("refuses halves, empty entries, reversed ranges and IDs out of range, each by its path", () => {
    expect(refusal({ vlanTrunk: [{ id: 1 }, { minID: 4 }] }).message).toStartWith("vlanTrunk[1].maxID: ");
    expect(refusal({ vlanTrunk: [{ maxID: 4 }] }).message).toStartWith("vlanTrunk[0].minID: ");
    expect(refusal({ vlanTrunk: [{}] }).message).toStartWith("vlanTrunk[0]: ");
    expect(refusal({ vlanTrunk: [{ minID: 7, maxID: 6 }] }).message).toStartWith("vlanTrunk[0].minID: is 7");
    expect(refusal({ vlanTrunk: [{ id: 4095 }] }).message).toStartWith("vlanTrunk[0].id: ");
  });
});

test.each([
  [{ hairpinMode: true, promiscMode: true }, "hairpinMode"],
  [{ disableContainerInterface: true, ipam: { type: "host-local" } }, "disableContainerInterface"],
  [{ vlan: 4095 }, "vlan"],
  [{ vlan: -1 }, "vlan"],
  [{ mtu: 67 }, "mtu"],
  [{ mtu: 65536 }, "mtu"],
  [{ bridge: "a/b" }, "bridge"],
  [{ bridge: "abcdefghijklmnop" }, "bridge"],
  [{ bridge: "abcdefghijkl", vlan: 100, isGateway: true, ipam: { type: "x" } }, "bridge"],
  [{ ipam: { type: "../sh" } }, "ipam.type"],
] as const)("%j is refused at %s", (raw, at) => {
  expect(refusal(raw as JsonObject).fault).toMatchObject({ kind: "bad-config", at });
});

test("any backend of the reference's will do for masquerading, another word will not", () => {
  for (const ipMasqBackend of ["", "iptables", "nftables"])
    expect(parse({ ipMasq: true, ipMasqBackend })).toEqual(parse({ ipMasq: true }));
  expect(refusal({ ipMasq: true, ipMasqBackend: "pf" }).fault).toMatchObject({
    kind: "bad-config",
    at: "ipMasqBackend",
  });
});

test("every documented switch is read: true is a different config, or is refused", () => {
  for (const { key, type } of bridgeKeys.filter((k) => k.type === "true or false")) {
    let same: boolean;
    try {
      same = JSON.stringify(parse({ [key]: true })) === JSON.stringify(parse({}));
    } catch {
      same = false;
    }
    expect({ key, type, same }).toEqual({ key, type, same: false });
  }
});
