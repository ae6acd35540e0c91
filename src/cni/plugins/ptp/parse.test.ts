import { expect, test } from "bun:test";
import { FaultError } from "../../../base/fault.ts";
import type { JsonObject } from "../../../base/json-types.ts";
import { parseConfig } from "./parse.ts";

const ipam = { type: "host-local" };
const refusal = (raw: JsonObject): FaultError => {
  try {
    parseConfig(raw);
  } catch (error) {
    if (error instanceof FaultError) return error;
    throw error;
  }
  throw new Error("was not refused");
};

test("an IPAM plugin is all that has to be named", () => {
  expect(parseConfig({ ipam })).toEqual({ ipam: "host-local", masquerade: false, dns: {} });
  expect(parseConfig({ ipam, mtu: 0, ipMasq: true, dns: { nameservers: [] } })).toEqual({
    ipam: "host-local",
    masquerade: true,
    dns: { nameservers: [] },
  });
  expect(parseConfig({ ipam, mtu: 1400 }).mtu).toBe(1400);
});

test.each([
  [{}, "ipam.type"],
  [{ ipam: {} }, "ipam.type"],
  [{ ipam: { type: "../sh" } }, "ipam.type"],
  [{ ipam, mtu: 67 }, "mtu"],
  [{ ipam, mtu: 65536 }, "mtu"],
  [{ ipam, mtu: "1500" }, "mtu"],
  [{ ipam, ipMasq: "yes" }, "ipMasq"],
  [{ ipam, ipMasqBackend: "pf" }, "ipMasqBackend"],
] as const)("%j is refused at %s", (raw, at) => {
  expect(refusal(raw as JsonObject).fault).toMatchObject({ kind: "bad-config", at });
});

test("any backend of the reference's will do for masquerading", () => {
  for (const ipMasqBackend of ["", "iptables", "nftables"])
    expect(parseConfig({ ipam, ipMasq: true, ipMasqBackend })).toEqual(parseConfig({ ipam, ipMasq: true }));
});
