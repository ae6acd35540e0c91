import { expect, test } from "bun:test";
import { FaultError } from "../../../base/fault.ts";
import type { JsonObject } from "../../../base/json-types.ts";
import { parseConfig } from "./config.ts";
import { setText } from "./ranges.ts";

const parse = (
  ipam: JsonObject | undefined,
  more: JsonObject = {},
  args = "",
  cniVersion: "0.2.0" | "1.1.0" = "1.1.0",
) => parseConfig({ ...(ipam && { ipam }), ...more }, { cniVersion, network: "net", args });

const refusal = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    if (error instanceof FaultError) return error.message;
    throw error;
  }
  throw new Error("was not refused");
};

test("a bare subnet gives all but its network, gateway and broadcast address", () => {
  const [[range] = []] = parse({ subnet: "10.244.0.0/16" }).sets;
  expect(range).toMatchObject({ start: "10.244.0.1", end: "10.244.255.254", gateway: "10.244.0.1" });
});

test("IPv6 has no broadcast address, so the last one is usable", () => {
  const [[range] = []] = parse({ subnet: "fd00:1::/112" }).sets;
  expect(range).toMatchObject({ start: "fd00:1::1", end: "fd00:1::ffff", gateway: "fd00:1::1" });
});

test("both addresses of a /31 or /127 are usable, unless one is named as gateway", () => {
  const pair = parse({ subnet: "10.0.0.4/31" }).sets[0]?.[0];
  expect(pair).toMatchObject({ start: "10.0.0.4", end: "10.0.0.5" });
  expect(pair?.gateway).toBeUndefined();
  expect(parse({ subnet: "fd00::/127", gateway: "fd00::1" }).sets[0]?.[0]).toMatchObject({
    start: "fd00::",
    end: "fd00::1",
    gateway: "fd00::1",
  });
});

test("the runtime's ranges come first, then the single range, then the list", () => {
  const ranges = [[{ subnet: "10.3.0.0/24" }]];
  const more = { runtimeConfig: { ipRanges: [[{ subnet: "10.1.0.0/24", rangeEnd: "10.1.0.9" }]] } };
  expect(parse({ subnet: "10.2.0.0/24", ranges }, more).sets.map(setText)).toEqual([
    "10.1.0.1-10.1.0.9",
    "10.2.0.1-10.2.0.254",
    "10.3.0.1-10.3.0.254",
  ]);
});

test("the addresses asked for are united from all four places", () => {
  const more = {
    args: { cni: { ips: ["10.0.0.7", "fd00::7/64"] } },
    runtimeConfig: { ips: ["10.0.0.8/24", "10.0.0.7"] },
  };
  const { requested } = parse({ subnet: "10.0.0.0/24" }, more, "IgnoreUnknown=1;K8S_POD_NAME=a;IP=10.0.0.6");
  expect(requested).toEqual(["10.0.0.6", "10.0.0.7", "fd00::7", "10.0.0.8"] as never);
});

test("two ranges of one subnet are fine while they have no address in common", () => {
  const ranges = [
    [{ subnet: "10.0.0.0/24", rangeStart: "10.0.0.10", rangeEnd: "10.0.0.19" }],
    [{ subnet: "10.0.0.0/24", rangeStart: "10.0.0.20", rangeEnd: "10.0.0.29" }],
  ];
  expect(parse({ ranges }).sets).toHaveLength(2);
});

test.each<[string, JsonObject | undefined, string]>([
  ["no ipam", undefined, "ipam: expected an object with a subnet"],
  ["no range", {}, "ipam.ranges: no range is given"],
  ["a range without its subnet", { rangeStart: "10.0.0.5" }, "ipam.subnet: expected the subnet that ipam.rangeStart"],
  ["an empty set", { ranges: [[]] }, "ipam.ranges[0]: a range set needs at least one range"],
  ["a set that is no list", { ranges: [{ subnet: "10.0.0.0/24" }] }, "ipam.ranges[0]: expected a range set"],
  ["host bits", { ranges: [[{ subnet: "10.0.0.5/24" }]] }, "ipam.ranges[0][0].subnet: 10.0.0.5/24 has host bits set"],
  ["a subnet of one address", { subnet: "10.0.0.5/32" }, "ipam.subnet: 10.0.0.5/32 is one address"],
  ["no CIDR", { subnet: "10.0.0.0" }, 'ipam.subnet: got "10.0.0.0"'],
  [
    "a start outside",
    { subnet: "10.0.0.0/24", rangeStart: "10.0.1.1" },
    "ipam.rangeStart: 10.0.1.1 is not in subnet 10.0.0.0/24",
  ],
  [
    "an end of the other family",
    { subnet: "10.0.0.0/24", rangeEnd: "fd00::1" },
    "ipam.rangeEnd: fd00::1 is not in subnet",
  ],
  [
    "a start after the end",
    { subnet: "10.0.0.0/24", rangeStart: "10.0.0.9", rangeEnd: "10.0.0.8" },
    "ipam.rangeStart: the range starts at 10.0.0.9, after its end 10.0.0.8",
  ],
  ["a gateway of the other family", { subnet: "10.0.0.0/24", gateway: "fd00::1" }, "ipam.gateway: fd00::1 is not of"],
  [
    "two families in a set",
    { ranges: [[{ subnet: "10.0.0.0/24" }, { subnet: "fd00::/64" }]] },
    "ipam.ranges[0][1].subnet: fd00::/64 is not of the family of 10.0.0.0/24",
  ],
  [
    "an overlap inside a set",
    { ranges: [[{ subnet: "10.0.0.0/24" }, { subnet: "10.0.0.128/25" }]] },
    "ipam.ranges[0][1]: 10.0.0.129-10.0.0.254 overlaps 10.0.0.1-10.0.0.254 of ipam.ranges[0][0]",
  ],
  [
    "an overlap between sets",
    { subnet: "10.0.0.128/25", ranges: [[{ subnet: "10.0.0.0/24" }]] },
    "ipam.ranges[0][0]: 10.0.0.1-10.0.0.254 overlaps 10.0.0.129-10.0.0.254 of ipam",
  ],
])("%s is refused by the path of its key", (_, ipam, message) => {
  expect(refusal(() => parse(ipam))).toStartWith(message);
});

test("before 0.3.0 a result has room for one address of a family", () => {
  const ranges = [[{ subnet: "10.0.0.0/24" }], [{ subnet: "10.0.1.0/24" }]];
  expect(refusal(() => parse({ ranges }, {}, "", "0.2.0"))).toStartWith("ipam.ranges[1]: CNI 0.2.0 has one IPv4");
  expect(
    parse({ ranges: [[{ subnet: "10.0.0.0/24" }], [{ subnet: "fd00::/64" }]] }, {}, "", "0.2.0").sets,
  ).toHaveLength(2);
});
