import { expect, test } from "bun:test";
import { parseConfig } from "./parse.ts";

const least = { type: "vlan", master: "up0", ipam: { type: "host-local" } };

test("the least config is VLAN 0 of the master", () => {
  expect(parseConfig(least)).toEqual({
    info: { kind: "vlan", data: { id: 0 } },
    below: { master: "up0", inContainer: false },
    chained: false,
    ipam: "host-local",
    dns: {},
  });
});

test("everything set", () => {
  expect(parseConfig({ ...least, vlanId: 4094, mtu: 1400, linkInContainer: true })).toMatchObject({
    info: { data: { id: 4094 } },
    below: { master: "up0", inContainer: true },
    mtu: 1400,
  });
});

test("without a master, without ipam, or with a VLAN that is none it is refused", () => {
  const { master: _, ...noMaster } = least;
  expect(() => parseConfig(noMaster)).toThrow("master: expected the interface that carries the VLAN, got none");
  expect(() => parseConfig({ ...least, ipam: {} })).toThrow("ipam.type: expected the name of an IPAM plugin");
  for (const vlanId of [-1, 4095, 1.5, "7"])
    expect(() => parseConfig({ ...least, vlanId })).toThrow(/^vlanId: expected/);
});
