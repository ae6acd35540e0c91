import { expect, test } from "bun:test";
import { cidrText } from "../../../base/cidr.ts";
import { FaultError } from "../../../base/fault.ts";
import type { JsonObject } from "../../../base/json-types.ts";
import type { ParseContext } from "../../plugin.ts";
import { parseConfig } from "./parse.ts";

const parse = (ipam: JsonObject | undefined, more: JsonObject = {}, args = "", about: Partial<ParseContext> = {}) =>
  parseConfig({ ...(ipam && { ipam }), ...more }, { cniVersion: "1.1.0", network: "net", args, verb: "ADD", ...about });

/** `10.0.0.5/24 via 10.0.0.1` */
const texts = (...given: Parameters<typeof parse>): string[] =>
  parse(...given).ips.map((ip) => cidrText(ip.address) + (ip.gateway ? ` via ${ip.gateway}` : ""));

const refusal = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    if (error instanceof FaultError) return error.message;
    throw error;
  }
  throw new Error("was not refused");
};

const own = { addresses: [{ address: "10.0.0.5/24", gateway: "10.0.0.1" }, { address: "fd00::5/64" }] };
const byArgs = { args: { cni: { ips: ["10.1.0.5/24"] } } };
const byRuntime = { runtimeConfig: { ips: ["10.2.0.5/24", "fd02::5/64"] } };

test("the config's addresses are given in their order, with routes and dns as they are", () => {
  const routes = [{ dst: "0.0.0.0/0" }, { dst: "10.9.0.0/16", gw: "10.0.0.9", priority: 5, table: 0 }];
  const dns = { nameservers: ["10.0.0.53"], search: [] };
  expect(parse({ ...own, routes, dns })).toEqual({
    ips: [{ address: { ip: "10.0.0.5", prefix: 24 }, gateway: "10.0.0.1" }, { address: { ip: "fd00::5", prefix: 64 } }],
    routes: [
      { dst: { ip: "0.0.0.0", prefix: 0 } },
      { dst: { ip: "10.9.0.0", prefix: 16 }, gw: "10.0.0.9", priority: 5, table: 0 },
    ],
    dns,
  } as never);
});

test("CNI_ARGS' addresses come besides, and its gateways go to those whose subnet they are in", () => {
  const args = "IgnoreUnknown=1;K8S_POD_NAME=a;IP=10.0.7.5/24, fd07::5/64;GATEWAY=10.0.7.1,fd07::1";
  expect(texts(own, {}, args)).toEqual([
    "10.0.0.5/24 via 10.0.0.1",
    "fd00::5/64",
    "10.0.7.5/24 via 10.0.7.1",
    "fd07::5/64 via fd07::1",
  ]);
});

test("the last of several gateways of a subnet counts", () => {
  expect(texts({}, {}, "IP=10.0.7.5/24;GATEWAY=10.0.7.1,10.0.7.2")).toEqual(["10.0.7.5/24 via 10.0.7.2"]);
});

test("args.cni.ips stands instead of config and CNI_ARGS, runtimeConfig.ips instead of all", () => {
  const args = "IP=10.0.7.5/24;GATEWAY=10.0.7.1";
  expect(texts(own, byArgs, args)).toEqual(["10.1.0.5/24"]);
  expect(texts(own, { ...byArgs, ...byRuntime }, args)).toEqual(["10.2.0.5/24", "fd02::5/64"]);
  expect(texts({}, byRuntime)).toEqual(["10.2.0.5/24", "fd02::5/64"]);
});

test("empty lists and gateways are as good as none", () => {
  const empty = { runtimeConfig: { ips: [] }, args: { cni: { ips: [] } } };
  expect(texts({ addresses: [{ address: "10.0.0.5/24", gateway: "" }] }, empty, "IP=;GATEWAY=")).toEqual([
    "10.0.0.5/24",
  ]);
});

test("CNI_ARGS may hold the MAC that is meant for another plugin", () => {
  expect(texts(own, {}, "MAC=02:00:00:00:00:01;IP=10.3.0.5/24").at(-1)).toBe("10.3.0.5/24");
});

test("addresses of single hosts and of pairs are fine, and so is a gateway elsewhere", () => {
  const addresses = [
    { address: "10.0.0.255/32", gateway: "169.254.1.1" },
    { address: "10.0.4.1/31", gateway: "10.0.4.0" },
    { address: "fd00::ffff/112" },
  ];
  expect(texts({ addresses })).toEqual(["10.0.0.255/32 via 169.254.1.1", "10.0.4.1/31 via 10.0.4.0", "fd00::ffff/112"]);
});

test("IPv4 in the spelling of IPv6 is IPv4", () => {
  const addresses = [{ address: "::ffff:10.0.0.5/120", gateway: "::ffff:10.0.0.1" }];
  expect(texts({ addresses })).toEqual(["10.0.0.5/24 via 10.0.0.1"]);
});

test("two addresses of one subnet are fine", () => {
  expect(texts({ addresses: [{ address: "10.0.0.5/24" }, { address: "10.0.0.6/24" }] })).toHaveLength(2);
});

const at = (address: string, gateway?: string) => ({ addresses: [{ address, ...(gateway && { gateway }) }] });

test.each<[string, JsonObject | undefined, JsonObject, string, string]>([
  ["no ipam", undefined, {}, "", "ipam: expected an object with addresses"],
  ["no address", {}, {}, "", "ipam.addresses: no address is given"],
  ["an empty list", { addresses: [] }, {}, "", "ipam.addresses: no address is given"],
  ["an entry without address", { addresses: [{}] }, {}, "", "ipam.addresses[0].address: expected a string"],
  ["a list of strings", { addresses: ["10.0.0.5/24"] }, {}, "", "ipam.addresses[0]: expected an object"],
  ["no prefix", at("10.0.0.5"), {}, "", 'ipam.addresses[0].address: got "10.0.0.5", want the prefix of its subnet'],
  ["no CIDR", at("10.0.0/24"), {}, "", 'ipam.addresses[0].address: got "10.0.0/24"'],
  ["too long a prefix", at("10.0.0.5/33"), {}, "", 'ipam.addresses[0].address: got "10.0.0.5/33"'],
  ["no host", at("0.0.0.0/0"), {}, "", "ipam.addresses[0].address: got 0.0.0.0/0, want the address of one host"],
  ["a group", at("239.1.2.3/24"), {}, "", "ipam.addresses[0].address: got 239.1.2.3/24, want the address of one host"],
  ["a group of IPv6", at("ff02::1/64"), {}, "", "ipam.addresses[0].address: got ff02::1/64"],
  ["a broadcast address", at("10.0.0.255/24"), {}, "", "ipam.addresses[0].address: got 10.0.0.255/24"],
  ["a bad gateway", at("10.0.0.5/24", "10.0.0"), {}, "", 'ipam.addresses[0].gateway: got "10.0.0"'],
  ["a gateway with prefix", at("10.0.0.5/24", "10.0.0.1/24"), {}, "", "ipam.addresses[0].gateway: got"],
  [
    "a gateway of the other family",
    at("10.0.0.5/24", "fd00::1"),
    {},
    "",
    "ipam.addresses[0].gateway: fd00::1 is not of",
  ],
  ["itself as gateway", at("10.0.0.5/24", "10.0.0.5"), {}, "", "ipam.addresses[0].gateway: 10.0.0.5 is the address"],
  [
    "an address twice",
    { addresses: [{ address: "10.0.0.5/24" }, { address: "10.0.0.5/24" }] },
    {},
    "",
    "ipam.addresses[1].address: 10.0.0.5/24 is there already, as ipam.addresses[0].address",
  ],
  ["an address again in CNI_ARGS", own, {}, "IP=10.0.0.5/24", "IP of CNI_ARGS: 10.0.0.5/24 is there already"],
  ["a bad route", { ...own, routes: [{ dst: "10.0.0.0" }] }, {}, "", 'ipam.routes[0].dst: got "10.0.0.0"'],
  [
    "dns of another shape",
    { ...own, dns: { nameservers: "10.0.0.53" } },
    {},
    "",
    "ipam.dns.nameservers: expected a list",
  ],
  ["an IP without prefix in CNI_ARGS", own, {}, "IP=10.3.0.5", 'CNI_ARGS: IP: got "10.3.0.5", want the prefix'],
  ["a hole in the list of CNI_ARGS", own, {}, "IP=10.3.0.5/24,", 'CNI_ARGS: IP: got ""'],
  ["a bad gateway in CNI_ARGS", own, {}, "GATEWAY=x", 'CNI_ARGS: GATEWAY: got "x"'],
  [
    "a gateway of nobody",
    {},
    {},
    "IP=10.4.0.5/24;GATEWAY=10.3.0.1",
    "CNI_ARGS: GATEWAY 10.3.0.1 is in the subnet of no IP",
  ],
  [
    "a gateway for the config's address",
    own,
    {},
    "GATEWAY=10.0.0.2",
    "CNI_ARGS: GATEWAY 10.0.0.2 is in the subnet of no IP",
  ],
  [
    "itself as gateway in CNI_ARGS",
    {},
    {},
    "IP=10.3.0.5/24;GATEWAY=10.3.0.5",
    "CNI_ARGS: GATEWAY 10.3.0.5 is the address",
  ],
  ["an unknown key in CNI_ARGS", own, {}, "K8S_POD_NAME=a", "CNI_ARGS: unknown key K8S_POD_NAME"],
  ["no prefix in args", own, { args: { cni: { ips: ["10.1.0.5"] } } }, "", 'args.cni.ips[0]: got "10.1.0.5"'],
  [
    "no prefix in runtimeConfig",
    own,
    { runtimeConfig: { ips: ["fd00::5"] } },
    "",
    'runtimeConfig.ips[0]: got "fd00::5"',
  ],
  [
    "what is wrong in a list that another one stands instead of",
    own,
    { ...byRuntime, args: { cni: { ips: ["10.1.0.5"] } } },
    "",
    'args.cni.ips[0]: got "10.1.0.5"',
  ],
])("%s is refused by its key", (_, ipam, more, args, message) => {
  expect(refusal(() => parse(ipam, more, args))).toStartWith(message);
});

test("before 0.3.0 a result has room for one address of a family", () => {
  const two = { addresses: [{ address: "10.0.0.5/24" }, { address: "10.0.1.5/24" }] };
  const old = { cniVersion: "0.2.0" } as const;
  expect(refusal(() => parse(two, {}, "", old))).toStartWith("ipam.addresses[1].address: CNI 0.2.0 has one IPv4");
  expect(parse(own, {}, "", old).ips).toHaveLength(2);
});

test("only ADD and CHECK need an address: the runtime may name it for each container", () => {
  for (const verb of ["STATUS", undefined] as const)
    expect(
      parseConfig({ ipam: {} }, { cniVersion: "1.1.0", network: "n", args: "", ...(verb && { verb }) }).ips,
    ).toEqual([]);
  expect(refusal(() => parse({}, {}, "", { verb: "CHECK" }))).toContain("no address is given");
});

test("DEL and GC take any config, as there is nothing to remove", () => {
  for (const verb of ["DEL", "GC"] as const)
    expect(parse({ addresses: [{ address: "nonsense" }] }, {}, "nonsense", { verb }).ips).toEqual([]);
});
