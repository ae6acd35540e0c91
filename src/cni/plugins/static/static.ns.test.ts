/** static below bridge on a kernel: what `ip` shows is what was asked for. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import type { JsonObject } from "../../../base/json-types.ts";
import type { TestNetns } from "../../../kernel/testing/netns.ts";
import { snapshot } from "../../testing/snapshot.ts";
import { type Stage, withStage } from "../../testing/stage.ts";

// Each test starts dozens of processes: on a busy machine that is slow, not wrong.
setDefaultTimeout(60_000);

const conf = (ipam: JsonObject, more: JsonObject = {}): JsonObject => ({
  cniVersion: "1.1.0",
  name: "net1",
  type: "bridge",
  bridge: "br0",
  ipam: { type: "static", ...ipam },
  ...more,
});
const dual = {
  addresses: [
    { address: "10.1.2.5/24", gateway: "10.1.2.1" },
    { address: "fd00:1::5/64", gateway: "fd00:1::1" },
  ],
  routes: [{ dst: "0.0.0.0/0" }, { dst: "::/0" }],
  dns: { nameservers: ["10.1.2.53"] },
};
const addressesOf = (pod: TestNetns): string[] =>
  pod
    .ipJson<{ addr_info: { local: string; prefixlen: number; scope: string }[] }>("address show dev eth0")
    .flatMap((l) => l.addr_info.filter((a) => a.scope === "global").map((a) => `${a.local}/${a.prefixlen}`));
const hops = (pod: TestNetns, family: 4 | 6): (string | undefined)[] =>
  pod.ipJson<{ gateway?: string }>(`-${family} route show default`).map((r) => r.gateway);

test("bridge puts on the interface what static gives", () =>
  withStage(async (s) => {
    const pod = s.pod();
    const { exit, json } = await s.call("ADD", conf(dual), { pod });
    expect({ exit, ips: json.ips, dns: json.dns }).toEqual({
      exit: 0,
      ips: [
        { interface: 2, address: "10.1.2.5/24", gateway: "10.1.2.1" },
        { interface: 2, address: "fd00:1::5/64", gateway: "fd00:1::1" },
      ],
      dns: { nameservers: ["10.1.2.53"] },
    });
    expect(addressesOf(pod)).toEqual(["10.1.2.5/24", "fd00:1::5/64"]);
    expect([hops(pod, 4), hops(pod, 6)]).toEqual([["10.1.2.1"], ["fd00:1::1"]]);
    expect(await s.call("CHECK", { ...conf(dual), prevResult: json }, { pod })).toMatchObject({ exit: 0 });
  }));

test("the runtime's addresses reach the interface through bridge", () =>
  withStage(async (s) => {
    const pod = s.pod();
    const asked = conf(dual, { isGateway: true, runtimeConfig: { ips: ["10.7.0.9/16"] } });
    expect(await s.call("ADD", asked, { pod })).toMatchObject({ exit: 0 });
    expect(addressesOf(pod)).toEqual(["10.7.0.9/16"]);
    // The default route of IPv4 goes by the gateway that bridge chose.
    expect(hops(pod, 4)).toEqual(["10.7.0.1"]);
  }));

test("a refused ADD leaves everything as it was, and the DEL after it has nothing to say", () =>
  withStage(async (s) => {
    const pod = s.pod();
    const was = [snapshot(s.host), snapshot(pod)];
    for (const ipam of [{}, { addresses: [{ address: "10.1.2.5" }] }]) {
      expect(await s.call("ADD", conf(ipam), { pod })).toMatchObject({ exit: 1, json: { code: 7 } });
      expect(await s.call("DEL", conf(ipam), { pod })).toEqual({ exit: 0, json: {}, stderr: "" });
      s.host.sh("ip link show br0 > /dev/null 2>&1 && exit 1 || true");
      expect([snapshot(s.host), snapshot(pod)]).toEqual(was);
    }
  }));

describe("CHECK notices in prevResult", () => {
  const changed: readonly (readonly [string, (ips: JsonObject[]) => JsonObject[], RegExp])[] = [
    ["an address that is gone", (ips) => ips.slice(0, 1), /^address fd00:1::5 in prevResult: is gone$/],
    [
      "all of them gone",
      () => [],
      /^address 10\.1\.2\.5 in prevResult: is gone; address fd00:1::5 in prevResult: is gone$/,
    ],
    [
      "another prefix",
      ([a, b]) => [{ ...a!, address: "10.1.2.5/16" }, b!],
      /^address 10\.1\.2\.5 in prevResult: is 10\.1\.2\.5\/16, should be 10\.1\.2\.5\/24$/,
    ],
    [
      "another gateway",
      ([a, b]) => [a!, { ...b!, gateway: "fd00:1::9" }],
      /^gateway of fd00:1::5\/64 in prevResult: is fd00:1::9, should be fd00:1::1$/,
    ],
    [
      "no gateway",
      ([a, b]) => [{ address: a!.address! }, b!],
      /^gateway of 10\.1\.2\.5\/24 in prevResult: is none, should be 10\.1\.2\.1$/,
    ],
  ];
  const ips = [
    { address: "10.1.2.5/24", gateway: "10.1.2.1" },
    { address: "fd00:1::5/64", gateway: "fd00:1::1" },
  ];
  const check = async (s: Stage, given: JsonObject[] | undefined) => {
    const prevResult = given && { cniVersion: "1.1.0", ips: given };
    return s.call("CHECK", { ...conf(dual), type: "static", ...(prevResult && { prevResult }) }, { pod: s.pod() });
  };
  for (const [name, change, said] of changed)
    test(name, () =>
      withStage(async (s) => {
        expect(await check(s, ips)).toEqual({ exit: 0, json: {}, stderr: "" });
        const { exit, json } = await check(s, change(ips));
        expect({ exit, details: json.details }).toEqual({
          exit: 1,
          details: "podwire cni del net1 --container-id pod1 --ifname eth0",
        });
        expect(String(json.msg)).toMatch(said);
      }),
    );
  test("and lets be what others have added", () =>
    withStage(async (s) => {
      expect(await check(s, [{ address: "10.99.0.1/32" }, ...ips])).toMatchObject({ exit: 0 });
    }));
  test("and needs one", () =>
    withStage(async (s) => {
      expect(await check(s, undefined)).toMatchObject({ exit: 1, json: { code: 7 } });
    }));
});

test("a gateway that bridge chose where the config has none is no difference", () =>
  withStage(async (s) => {
    const pod = s.pod();
    const asked = conf({ addresses: [{ address: "10.1.2.5/24" }] }, { isGateway: true });
    const { json } = await s.call("ADD", asked, { pod });
    expect(json.ips).toMatchObject([{ gateway: "10.1.2.1" }]);
    expect(await s.call("CHECK", { ...asked, prevResult: json }, { pod })).toMatchObject({ exit: 0 });
  }));

test("DEL twice, GC with and without a list, and STATUS have nothing to do and nothing to say", () =>
  withStage(async (s) => {
    const quiet = { exit: 0, json: {}, stderr: "" };
    const own = { ...conf(dual), type: "static" };
    for (const _ of [1, 2]) expect(await s.call("DEL", own, { netns: "" })).toEqual(quiet);
    expect(await s.call("GC", own)).toEqual(quiet);
    expect(await s.call("GC", { ...own, "cni.dev/valid-attachments": [] })).toEqual(quiet);
    expect(await s.call("STATUS", own)).toEqual(quiet);
    expect(await s.call("STATUS", conf(dual))).toEqual(quiet);
    const broken = { ...own, ipam: { type: "static", addresses: [{ address: "10.1.2.5" }] } };
    expect(await s.call("STATUS", broken)).toMatchObject({ exit: 1, json: { code: 7 } });
  }));
