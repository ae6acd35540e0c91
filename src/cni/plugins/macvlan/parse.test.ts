import { describe, expect, test } from "bun:test";
import { FaultError } from "../../../base/fault.ts";
import type { JsonObject } from "../../../base/json-types.ts";
import type { ChildConfig } from "../../attach/child/config.ts";
import { parseConfig } from "./parse.ts";

const parse = (raw: JsonObject, args = ""): ChildConfig =>
  parseConfig({ type: "macvlan", ...raw }, { cniVersion: "1.1.0", network: "net1", args });
const refusal = (raw: JsonObject, args = ""): string => {
  try {
    parse(raw, args);
  } catch (error) {
    if (error instanceof FaultError) return error.message;
    throw error;
  }
  throw new Error("was not refused");
};

test("an empty config is layer 2 in bridge mode on the default route's link", () => {
  expect(parse({})).toEqual({
    info: { kind: "macvlan", data: { mode: 4 } },
    below: { inContainer: false },
    chained: false,
    dns: {},
  });
});

test("everything set", () => {
  expect(
    parse({
      master: "up0",
      mode: "vepa",
      mtu: 1400,
      mac: "02:42:AC:11:00:02",
      bcqueuelen: 4_294_967_295,
      linkInContainer: true,
      ipam: { type: "host-local" },
      dns: { nameservers: ["10.9.9.9"] },
    }) as unknown,
  ).toEqual({
    info: { kind: "macvlan", data: { mode: 2, bcQueueLen: 4_294_967_295 } },
    below: { master: "up0", inContainer: true },
    chained: false,
    mtu: 1400,
    mac: "02:42:ac:11:00:02",
    ipam: "host-local",
    dns: { nameservers: ["10.9.9.9"] },
  });
});

test("zero and the empty string are the same as absent", () => {
  expect(parse({ master: "", mode: "", mtu: 0, mac: "", bcqueuelen: 0, ipam: {} })).toEqual(parse({}));
});

describe("refused without looking at the host", () => {
  const cases: readonly (readonly [JsonObject, RegExp])[] = [
    [{ mode: "source" }, /mode: expected bridge, private, vepa or passthru, got "source"/],
    [{ mode: "toString" }, /mode: expected bridge/],
    [{ mode: 1 }, /mode: expected a string/],
    [{ mtu: -1 }, /mtu: expected a whole number from 0/],
    [{ mtu: 67 }, /mtu: expected 0 or at least 68 bytes, got 67/],
    [{ bcqueuelen: -1 }, /bcqueuelen: expected a whole number from 0 to 4294967295/],
    [{ bcqueuelen: 4_294_967_296 }, /bcqueuelen/],
    [{ master: "a/b" }, /master: /],
    [{ master: "longer-than-15-bytes" }, /master: /],
    [{ mac: "01:00:5e:00:00:01" }, /mac: got 01:00:5e:00:00:01/],
    [{ mac: "02:42:ac:11:00:02", mode: "passthru" }, /mode: passthru gives the pod the master's own MAC/],
    [{ linkInContainer: "yes" }, /linkInContainer: expected true or false/],
    [{ ipam: { type: "../x" } }, /ipam\.type/],
  ];
  for (const [raw, said] of cases)
    test(JSON.stringify(raw), () => {
      expect(refusal(raw)).toMatch(said);
    });
});
