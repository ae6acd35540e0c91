import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type Cidr, cidrFamily, parseCidr } from "../../base/cidr.ts";
import { type Ip, ipFromBytes, parseIp } from "../../base/ip.ts";
import { parseJson } from "../../base/json.ts";
import type { Json } from "../../base/json-types.ts";
import { decodeResult, emptyResult, encodeResult, printResult } from "./result.ts";
import { type CniVersion, cniVersions, type Result, type ResultIp, type ResultRoute } from "./types.ts";

/** A pod with two addresses, written by hand in every shape that the spec's examples show. */
const dns = {
  nameservers: ["10.96.0.10"],
  domain: "cluster.local",
  search: ["svc.cluster.local"],
  options: ["ndots:5"],
};
const shape020 = {
  ip4: {
    ip: "10.1.0.5/16",
    gateway: "10.1.0.1",
    routes: [{ dst: "0.0.0.0/0" }, { dst: "10.96.0.0/12", gw: "10.1.0.9" }],
  },
  ip6: { ip: "fd00::5/64", gateway: "fd00::1", routes: [{ dst: "::/0", gw: "fd00::1" }] },
  dns,
};
const link = { name: "eth0", mac: "0a:58:0a:01:00:05", sandbox: "/run/netns/pod" };
const shape030 = {
  interfaces: [link],
  ips: [
    { version: "4", interface: 0, address: "10.1.0.5/16", gateway: "10.1.0.1" },
    { version: "6", interface: 0, address: "fd00::5/64", gateway: "fd00::1" },
  ],
  routes: [...shape020.ip4.routes, ...shape020.ip6.routes],
  dns,
};
const shape100 = { ...shape030, ips: shape030.ips.map(({ version: _, ...ip }) => ip) };
const extras = { mtu: 1400, advmss: 1360, priority: 10, table: 0, scope: 0 };
const shape110 = {
  ...shape100,
  interfaces: [{ ...link, mtu: 1450, socketPath: "/run/vhost.sock", pciID: "0000:00:1f.6" }],
  routes: shape100.routes.map((route) => ({ ...route, ...extras })),
};
const shapes: Record<CniVersion, object> = {
  "0.1.0": shape020,
  "0.2.0": shape020,
  "0.3.0": shape030,
  "0.3.1": shape030,
  "0.4.0": shape030,
  "1.0.0": shape100,
  "1.1.0": shape110,
};
/** The first shape after a version could not say `interfaces`. */
const noLinks = (shape: typeof shape030 | typeof shape100): object => {
  const { interfaces: _, ...rest } = shape;
  return { ...rest, ips: rest.ips.map(({ interface: __, ...ip }: { interface: number }) => ip) };
};
const fromOld: Record<CniVersion, object> = {
  ...shapes,
  "0.3.0": noLinks(shape030),
  "0.3.1": noLinks(shape030),
  "0.4.0": noLinks(shape030),
  "1.0.0": noLinks(shape100),
  "1.1.0": noLinks(shape100),
};
const convert = (json: Json, to: CniVersion): Json => encodeResult(decodeResult(json, "0.1.0"), to);
const loses110 = (from: CniVersion): boolean => from !== "1.1.0";

describe("a result of any version converts to any other", () => {
  for (const from of cniVersions)
    for (const to of cniVersions)
      test(`${from} to ${to}`, () => {
        const json = { cniVersion: from, ...shapes[from] } as Json;
        const old = from === "0.1.0" || from === "0.2.0";
        const want = old ? fromOld[to] : to === "1.1.0" && loses110(from) ? shape100 : shapes[to];
        expect(convert(json, to)).toEqual({ cniVersion: to, ...want } as Json);
      });
});

test("0.1.0 and 0.2.0 keep the first address of each family", () => {
  const json = {
    cniVersion: "1.0.0",
    ips: [{ address: "fd00::2/64" }, { address: "10.1.0.2/24" }, { address: "10.2.0.2/24" }, { address: "fd01::2/64" }],
  };
  expect(convert(json, "0.2.0")).toEqual({
    cniVersion: "0.2.0",
    ip4: { ip: "10.1.0.2/24" },
    ip6: { ip: "fd00::2/64" },
    dns: {},
  });
});

test("without an address there is no 0.1.0 or 0.2.0 result, and the fault says so", () => {
  for (const to of ["0.1.0", "0.2.0"] as const)
    expect(() => encodeResult(emptyResult, to)).toThrow("cannot convert: no valid IP addresses");
  expect(encodeResult(emptyResult, "0.3.1")).toEqual({ cniVersion: "0.3.1", dns: {} });
  expect(encodeResult(emptyResult, "1.1.0")).toEqual({ cniVersion: "1.1.0" });
});

test("null is an empty result and so is an object without anything", () => {
  expect(decodeResult(null, "1.0.0")).toEqual(emptyResult);
  expect(decodeResult({}, "1.0.0")).toEqual(emptyResult);
  expect(decodeResult({ interfaces: null, ips: null, routes: null, dns: null }, "0.4.0")).toEqual(emptyResult);
});

test("a result that does not say its version is of the config's version", () => {
  const old = { ip4: { ip: "10.1.0.2/24" } };
  expect(decodeResult(old, "0.2.0").ips).toHaveLength(1);
  expect(decodeResult({ cniVersion: "", ips: [{ address: "10.1.0.2/24" }] }, "1.0.0").ips).toHaveLength(1);
});

test("a result of a version nobody released is refused", () => {
  expect(() => decodeResult({ cniVersion: "2.0.0" }, "1.0.0")).toThrow('got "2.0.0"');
});

test("keys match in any case, as Go's decoder has it", () => {
  const json = { CNIVersion: "1.0.0", IPs: [{ Address: "10.1.2.5/24", Gateway: "10.1.2.1" }], DNS: { Domain: "x" } };
  expect(decodeResult(json, "0.2.0")).toEqual({
    ...emptyResult,
    ips: [{ address: parseCidr("10.1.2.5/24"), gateway: parseIp("10.1.2.1") }],
    dns: { domain: "x" },
  });
});

test("host bits stay, an empty gateway is none, and interface 0 is an interface", () => {
  const json = { cniVersion: "1.0.0", ips: [{ address: "10.1.2.5/24", gateway: "", interface: 0 }] };
  expect(convert(json, "1.0.0")).toEqual({ cniVersion: "1.0.0", ips: [{ interface: 0, address: "10.1.2.5/24" }] });
});

test("a DNS list that is there and empty counts as set, and is not written", () => {
  const result = decodeResult({ dns: { nameservers: [], domain: "" } }, "1.0.0");
  expect(result.dns).toEqual({ nameservers: [] });
  expect(encodeResult(result, "1.0.0")).toEqual({ cniVersion: "1.0.0" });
});

test("what is wrong in a result is named by its path", () => {
  expect(() => decodeResult({ ips: [{ address: "10.1.2.5" }] }, "1.0.0")).toThrow("result.ips[0].address");
  expect(() => decodeResult({ routes: [{}] }, "1.0.0", "prevResult")).toThrow("prevResult.routes[0].dst");
  expect(() => decodeResult([], "1.0.0")).toThrow("result: expected an object, got a list");
});

test("a result prints with four spaces", () => {
  expect(printResult(encodeResult(emptyResult, "0.4.0"))).toBe('{\n    "cniVersion": "0.4.0",\n    "dns": {}\n}');
});

const anyIp = (bytes: 4 | 16): fc.Arbitrary<Ip> =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map(ipFromBytes);
const anyCidr = fc.oneof(
  fc.record<Cidr>({ ip: anyIp(4), prefix: fc.nat(32) }),
  fc.record<Cidr>({ ip: anyIp(16), prefix: fc.nat(128) }),
);
const some = { requiredKeys: [] };
const anyName = fc.string({ minLength: 1, maxLength: 8 });
const natural = fc.integer({ min: 1, max: 2 ** 32 });
const names = fc.array(anyName, { minLength: 1, maxLength: 2 });
const anyResult = fc.record<Result>({
  interfaces: fc.array(
    fc.record(
      { name: anyName, mac: anyName, mtu: natural, sandbox: anyName, socketPath: anyName, pciID: anyName },
      { requiredKeys: ["name"] },
    ),
  ),
  ips: fc.array(
    fc.record({ address: anyCidr, gateway: anyIp(4), interface: fc.nat() }, { requiredKeys: ["address"] }),
  ) as fc.Arbitrary<ResultIp[]>,
  routes: fc.array(
    fc.record(
      {
        dst: anyCidr,
        gw: anyIp(16),
        mtu: natural,
        advmss: natural,
        priority: natural,
        table: fc.nat(),
        scope: fc.nat(),
      },
      { requiredKeys: ["dst"] },
    ),
  ) as fc.Arbitrary<ResultRoute[]>,
  dns: fc.record({ nameservers: names, domain: anyName, search: names, options: names }, some) as fc.Arbitrary<
    Result["dns"]
  >,
});

test("1.1.0 loses nothing", () => {
  fc.assert(
    fc.property(anyResult, (result) => {
      const text = printResult(encodeResult(result, "1.1.0"));
      expect(decodeResult(parseJson(text, "t"), "0.1.0")).toEqual(result);
    }),
  );
});

test("what a version keeps, it keeps for good: converting there and back is the same as converting there", () => {
  const version = fc.constantFrom(...cniVersions);
  fc.assert(
    fc.property(anyResult, version, version, (result, to, by) => {
      fc.pre(result.ips.length > 0);
      const there = encodeResult(result, to);
      expect(convert(there, to)).toEqual(there);
      // By way of a newer version nothing more is lost.
      if (cniVersions.indexOf(by) >= cniVersions.indexOf(to)) expect(convert(convert(there, by), to)).toEqual(there);
      const families = new Set(decodeResult(there, to).ips.map((ip) => cidrFamily(ip.address)));
      expect(families).toEqual(new Set(result.ips.map((ip) => cidrFamily(ip.address))));
    }),
  );
});
