import { describe, expect, test } from "bun:test";
import { FaultError } from "../../../base/fault.ts";
import type { JsonObject } from "../../../base/json-types.ts";
import { parseConfig, type TapConfig } from "./parse.ts";

const parse = (raw: JsonObject, args = ""): TapConfig =>
  parseConfig({ type: "tap", ...raw }, { cniVersion: "1.1.0", network: "net1", args });
const refusal = (raw: JsonObject): FaultError => {
  try {
    parse(raw);
  } catch (error) {
    if (error instanceof FaultError) return error;
    throw error;
  }
  throw new Error("was not refused");
};

test("an empty config is a device of one queue, for root, at layer 2", () => {
  expect(parse({})).toEqual({ multiQueue: false, dns: {} });
  expect(parse({ mtu: 0, mac: "", bridge: "", selinuxContext: "", ipam: {} })).toEqual(parse({}));
});

test("every key is read, and owner 0 is root, not nobody", () => {
  const raw = {
    mtu: 1400,
    mac: "02:00:00:00:00:0a",
    multiQueue: true,
    owner: 0,
    group: 4294967294,
    selinuxContext: "system_u:system_r:container_t:s0",
    bridge: "br0",
    ipam: { type: "host-local" },
  };
  expect(parse(raw)).toEqual({ ...raw, ipam: "host-local", dns: {} } as unknown as TapConfig);
});

describe("the MAC", () => {
  const [a, b, c, d] = ["02:00:00:00:00:0a", "02:00:00:00:00:0b", "02:00:00:00:00:0c", "02:00:00:00:00:0d"];
  test("is runtimeConfig's, else args', else CNI_ARGS', else the config's", () => {
    const args = `IgnoreUnknown=1;MAC=${c}`;
    const inArgs = { mac: d, args: { cni: { mac: b } } };
    expect(String(parse({ ...inArgs, runtimeConfig: { mac: a } }, args).mac)).toBe(a);
    expect(String(parse(inArgs, args).mac)).toBe(b);
    expect(String(parse({ mac: d }, args).mac)).toBe(c);
    expect(String(parse({ mac: d }).mac)).toBe(d);
  });
  test("of a group is refused with the place it came from", () => {
    expect(refusal({ mac: "01:00:5e:00:00:01" }).message).toStartWith("mac: got 01:00:5e");
  });
});

test.each([
  [{ mtu: 67 }, "mtu"],
  [{ owner: -1 }, "owner"],
  [{ owner: 4294967295 }, "owner"],
  [{ group: "wheel" }, "group"],
  [{ bridge: "a/b" }, "bridge"],
  [{ multiQueue: 4 }, "multiQueue"],
  [{ ipam: { type: "../sh" } }, "ipam.type"],
] as const)("%j is refused at %s", (raw, at) => {
  expect(refusal(raw as JsonObject).fault).toMatchObject({ kind: "bad-config", at });
});
