import { describe, expect, test } from "bun:test";
import { FaultError } from "../../../base/fault.ts";
import type { JsonObject } from "../../../base/json-types.ts";
import { bucketOf, codelOf } from "./bucket.ts";
import { ifbName, referenceIfbName } from "./names.ts";
import { parseConfig } from "./parse.ts";

const refusal = (raw: JsonObject): string => {
  try {
    parseConfig(raw);
  } catch (error) {
    if (error instanceof FaultError) return error.message;
    throw error;
  }
  return "taken";
};

test("bits become whole bytes", () => {
  expect(parseConfig({ ingressRate: 1_000_007, ingressBurst: 80_001, egressRate: 8, egressBurst: 8 })).toEqual({
    ingress: { rate: 125_000, burst: 10_000 },
    egress: { rate: 1, burst: 1 },
  });
});

test("0 and 0 is no limit, and so is nothing", () => {
  for (const raw of [{}, { ingressRate: 0, ingressBurst: 0 }, { egressRate: 0 }, { runtimeConfig: { bandwidth: {} } }])
    expect(parseConfig(raw)).toEqual({});
});

test("what the config says goes before a pod's annotations, whole", () => {
  const runtimeConfig = { bandwidth: { ingressRate: 8000, ingressBurst: 8000, egressRate: 8000, egressBurst: 8000 } };
  const limit = { rate: 1000, burst: 1000 };
  expect(parseConfig({ runtimeConfig })).toEqual({ ingress: limit, egress: limit });
  expect(parseConfig({ runtimeConfig, ingressRate: 16_000, ingressBurst: 16_000 })).toEqual({
    ingress: { rate: 2000, burst: 2000 },
  });
  expect(parseConfig({ runtimeConfig, egressRate: 0 })).toEqual({});
});

describe("refused with the key and what is wrong with it", () => {
  const cases: [JsonObject, RegExp][] = [
    [{ ingressRate: 1_000_000 }, /^ingressBurst: is missing: ingressRate needs one, such as 10000/],
    [{ egressRate: 1_000_000, egressBurst: 0 }, /^egressBurst: is missing/],
    [{ ingressBurst: 1000 }, /^ingressRate: is missing or 0, and ingressBurst is 1000/],
    [{ egressRate: 0, egressBurst: 1000 }, /^egressRate: is missing or 0/],
    [{ ingressRate: 7, ingressBurst: 1000 }, /^ingressRate: is 7 bits a second; the least is 8/],
    [{ ingressRate: 1000, ingressBurst: 7 }, /^ingressBurst: is 7 bits; the least is 8/],
    [{ ingressRate: -1, ingressBurst: 8 }, /^ingressRate: expected a whole number from 0/],
    [{ ingressRate: 1.5, ingressBurst: 8 }, /^ingressRate: expected a whole number, got 1.5/],
    [{ ingressRate: "10M", ingressBurst: 8 }, /^ingressRate: expected a whole number, got the string "10M"/],
    [
      { ingressRate: 18446744073709551615n as never, ingressBurst: 8 },
      /^ingressRate: expected a whole number from 0 to/,
    ],
    [{ ingressRate: 1000, ingressBurst: 34_359_738_360 }, /^ingressBurst: expected .* to 34359738359, got 34359738360/],
    [{ runtimeConfig: { bandwidth: { ingressRate: 9 } } }, /^runtimeConfig.bandwidth.ingressBurst: is missing/],
    [{ shapedSubnets: ["10.0.0.0/8"], unshapedSubnets: ["fd00::/8"] }, /^unshapedSubnets: cannot stand beside/],
    [{ unshapedSubnets: ["10.0.0.0/8", "10.0.0.0/33"] }, /^unshapedSubnets\[1\]/],
    [{ shapedSubnets: "10.0.0.0/8" }, /^shapedSubnets: expected a list/],
  ];
  for (const [raw, said] of cases)
    test(
      JSON.stringify(raw, (_, v) => (typeof v === "bigint" ? String(v) : v)),
      () => {
        expect(refusal(raw)).toMatch(said);
      },
    );
  test("the longest burst is taken", () => {
    expect(refusal({ ingressRate: 1000, ingressBurst: 34_359_738_359 })).toBe("taken");
  });
});

test("a slow bucket cuts large packets, a fast one does not; none is smaller than a frame", () => {
  expect(bucketOf({ rate: 1_250_000, burst: 125_000 }, 1500)).toMatchObject({
    burst: 125_000,
    limit: 15_140,
    peakrate: { rate: 12_500_000_000 },
    minburst: 3028,
  });
  expect(bucketOf({ rate: 12_500_000, burst: 1 }, 9000)).toMatchObject({
    burst: 9014,
    limit: 125_000,
    minburst: 18_028,
  });
  expect(bucketOf({ rate: 125_000_000, burst: 1_000_000 }, 1500)).toEqual({
    rate: { rate: 125_000_000, linklayer: 1 },
    burst: 1_000_000,
    limit: 1_250_000,
  });
  expect(bucketOf({ rate: 1e15, burst: 9 }, 1500).limit).toBe(0xffff_ffff);
});

test("a frame that takes long is no reason to drop the next", () => {
  expect(codelOf({ rate: 125_000_000, burst: 1 }, 1500)).toEqual({ target: 5000, interval: 100_000 });
  expect(codelOf({ rate: 12_500, burst: 1 }, 1500)).toEqual({ target: 181_680, interval: 276_680 });
  expect(codelOf({ rate: 1, burst: 1 }, 65_535).target).toBe(1_000_000_000);
});

test("names are a link's, and another interface's or direction's is another", () => {
  const owner = { network: "net1", containerId: "c".repeat(200), ifname: "eth0" };
  const names = [ifbName(owner, "egress"), ifbName(owner, "ingress"), ifbName({ ...owner, ifname: "eth1" }, "egress")];
  expect(new Set(names).size).toBe(3);
  for (const name of [...names, referenceIfbName(owner)]) expect(name).toMatch(/^bw[pi][0-9a-f]{12}$/);
});
