/** The config: every key, and what is refused of it. */
import { describe, expect, test } from "bun:test";
import type { JsonObject } from "../../../base/json-types.ts";
import { parseConfig } from "./parse.ts";

const parse = (ipam: JsonObject, args = "") =>
  parseConfig(
    { cniVersion: "1.1.0", name: "lan", type: "bridge", ipam: { type: "dhcp", ...ipam } },
    {
      ...{ cniVersion: "1.1.0", network: "lan", args },
    },
  );

test("an empty config has the reference's socket, and asks for what a result can hold", () => {
  expect(parse({})).toEqual({ socket: "/run/cni/dhcp.sock", provide: new Map(), request: [1, 121, 3, 33, 6, 15, 119] });
});
test("priority 0 is none", () => {
  expect(parse({ priority: 0 }).priority).toBeUndefined();
  expect(parse({ priority: 100, daemonSocketPath: "/x.sock" })).toMatchObject({ priority: 100, socket: "/x.sock" });
});

describe("provide", () => {
  test("takes codes and names; of CNI_ARGS when it is there, else the value; empty is nothing", () => {
    const provide = [
      { option: "host-name", fromArg: "K8S_POD_NAME" },
      { option: 60, value: "vendor" },
      { option: "77", value: "class", fromArg: "MISSING" },
      { option: "dhcp-client-identifier", fromArg: "MISSING" },
    ];
    expect([...parse({ provide }, "IgnoreUnknown=1;K8S_POD_NAME=web").provide]).toEqual([
      [12, "web"],
      [60, "vendor"],
      [77, "class"],
    ]);
  });
  for (const option of ["53", 50, 54, "55", 52, 0, 255])
    test(`refuses ${option}, which is the protocol's own`, () => {
      expect(() => parse({ provide: [{ option, value: "x" }] })).toThrow(
        /ipam\.provide\[0\]\.option: option \d+.* protocol's own/,
      );
    });
  test("refuses more bytes than an option has, counted as UTF-8", () => {
    expect(parse({ provide: [{ option: 12, value: "x".repeat(255) }] }).provide.get(12)).toHaveLength(255);
    expect(() => parse({ provide: [{ option: 12, value: "é".repeat(128) }] })).toThrow(/255 bytes at most, got 256/);
  });
});

describe("request", () => {
  test("adds to the usual ones, each once", () => {
    expect(parse({ request: [{ option: 42 }, { option: "routers" }] }).request).toEqual([
      ...[1, 121, 3, 33, 6, 15, 119],
      42,
    ]);
  });
  test("skipDefault in any entry leaves the usual ones out", () => {
    expect(parse({ request: [{ option: 3 }, { skipDefault: true }, { option: "subnet-mask" }] }).request).toEqual([
      3, 1,
    ]);
  });
});

for (const option of ["nonsense", "256", -1, 1.5, "", null, true])
  test(`an option ${JSON.stringify(option)} is refused with the names that there are`, () => {
    expect(() => parse({ request: [{ option }] })).toThrow(
      /ipam\.request\[0\]\.option: expected a DHCP option, 0 to 255 or one of .*host-name.*, got /,
    );
  });
