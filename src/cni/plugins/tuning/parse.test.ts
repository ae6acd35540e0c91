/** What tuning takes from where, and what it refuses before it looks at the host. */
import { describe, expect, test } from "bun:test";
import type { JsonObject } from "../../../base/json-types.ts";
import type { Verb } from "../../spec/types.ts";
import type { TuningConfig } from "./config.ts";
import { parseConfig } from "./parse.ts";

const parse = (raw: JsonObject, args = "", verb?: Exclude<Verb, "VERSION">): TuningConfig =>
  parseConfig(raw, { cniVersion: "1.0.0", network: "net1", args, ...(verb && { verb }) });
const link = (raw: JsonObject, args = ""): unknown => parse(raw, args).link;
const [a, b, c, d] = ["02:00:00:00:00:0a", "02:00:00:00:00:0b", "02:00:00:00:00:0c", "02:00:00:00:00:0d"] as const;

test("a config without keys of its own tunes nothing", () => {
  expect(parse({})).toEqual({ sysctls: [], link: {}, dataDir: "/run/cni/tuning" });
  expect(parse({ sysctl: null, mac: "", mtu: 0, promisc: false, dataDir: "" })).toEqual(parse({}));
});

test("every key, in Go's spelling of its choice", () => {
  const raw = { MAC: "02-00-00-00-00-0A", mtu: 1400, promisc: true, AllMulti: false, txqlen: 0, dataDir: "/x" };
  expect(parse(raw)).toEqual({
    sysctls: [],
    dataDir: "/x",
    link: { mac: a, mtu: 1400, promisc: true, allmulti: false, txqlen: 0 },
  } as unknown as TuningConfig);
});

describe("MAC: args.cni before runtimeConfig before CNI_ARGS before the config", () => {
  const args = { cni: { mac: a } };
  const runtimeConfig = { mac: b };
  test("all four", () => expect(link({ args, runtimeConfig, mac: d }, `MAC=${c}`)).toEqual({ mac: a }));
  test("without args.cni", () => expect(link({ runtimeConfig, mac: d }, `MAC=${c}`)).toEqual({ mac: b }));
  test("without runtimeConfig", () => expect(link({ mac: d }, `MAC=${c}`)).toEqual({ mac: c }));
  test("the config alone", () => expect(link({ mac: d }, "IgnoreUnknown=1;K8S_POD_NAME=x")).toEqual({ mac: d }));
  test("an empty args.cni.mac asks for none", () => expect(link({ args: { cni: { mac: "" } }, mac: d })).toEqual({}));
});

test("args.cni goes before the config in all the others, too", () => {
  const cni = { mtu: 1300, promisc: true, allmulti: true, txQLen: 5 };
  const raw = { mtu: 1400, allmulti: false, txQLen: 7 };
  expect(link({ ...raw, args: { cni } })).toEqual({ mtu: 1300, promisc: true, allmulti: true, txqlen: 5 });
  expect(link({ ...raw, promisc: true, args: { cni: { mtu: 0, promisc: false } } })).toEqual({
    allmulti: false,
    txqlen: 7,
  });
});

test("sysctls by dots or by slashes, those of args.cni over those of the config", () => {
  const sysctl = { "net.ipv4.conf.IFNAME.arp_notify": "1", "net/ipv4/conf/eth0.7/rp_filter": "2", "net.core.x": "3" };
  const cni = { sysctl: { "net/core/x": "4", "net.ipv4.y": "5" } };
  expect(parse({ sysctl, args: { cni } }).sysctls).toEqual([
    { key: "net.ipv4.conf.IFNAME.arp_notify", name: "net/ipv4/conf/IFNAME/arp_notify", value: "1" },
    { key: "net/ipv4/conf/eth0.7/rp_filter", name: "net/ipv4/conf/eth0.7/rp_filter", value: "2" },
    { key: "net/core/x", name: "net/core/x", value: "4" },
    { key: "net.ipv4.y", name: "net/ipv4/y", value: "5" },
  ]);
  expect(parse({ args: { cni } }).sysctls).toHaveLength(2);
});

describe("refused", () => {
  const cases: readonly (readonly [JsonObject, string | RegExp])[] = [
    [{ sysctl: { "kernel.shmmax": "1" } }, "sysctl.kernel.shmmax: expected a sysctl below net"],
    [{ sysctl: { netfilter: "1" } }, "expected a sysctl below net"],
    [{ sysctl: { "net/../kernel/shmmax": "1" } }, /sysctl: got "net\/\.\.\/kernel/],
    [{ sysctl: { "net..ipv4": "1" } }, /want a name such as/],
    [{ sysctl: { "net.ipv4.\0": "1" } }, /want a name such as/],
    [{ sysctl: { "net.ipv4.x": "1", "net/ipv4/x": "2" } }, "sysctl.net/ipv4/x: is the same sysctl as net.ipv4.x"],
    [{ sysctl: { "net.ipv4.x": 1 } }, "sysctl.net.ipv4.x: expected a string, got 1"],
    [{ sysctl: [] }, "sysctl: expected an object"],
    [{ mac: "01:00:5e:00:00:01" }, /mac: got .*, want the address of one interface/],
    [{ mac: "nonsense" }, /mac: got "nonsense"/],
    [{ mtu: 67 }, /mtu: expected 0 or at least 68/],
    [{ mtu: -1 }, /mtu: expected a whole number/],
    [{ txQLen: -1 }, /txQLen: expected a whole number/],
    [{ promisc: "yes" }, /promisc: expected true or false/],
    [{ dataDir: 5 }, /dataDir: expected a string/],
  ];
  for (const [raw, why] of cases) test(JSON.stringify(raw), () => expect(() => parse(raw)).toThrow(why));
  test("unknown CNI_ARGS", () => expect(() => parse({}, "FOO=1")).toThrow("unknown key FOO"));
});

test("DEL and GC read the folder alone: what ADD refused must go, too", () => {
  const raw = { dataDir: "/x", sysctl: { "kernel.x": "1" }, mac: "nonsense" };
  for (const verb of ["DEL", "GC"] as const)
    expect(parse(raw, "FOO=1", verb)).toEqual({ sysctls: [], link: {}, dataDir: "/x" });
});
