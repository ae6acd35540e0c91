/** CHECK on a kernel: quiet on what ADD made, and a difference for every single thing that is then broken. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import type { JsonObject } from "../../../base/json-types.ts";
import type { TestNetns } from "../../../kernel/testing/netns.ts";
import { type Stage, withStage } from "../../testing/stage.ts";
import { attach, dual, ground, type Net1, rulesOf, sbrConf, v4, v6 } from "./testing/ground.ts";

// Each test starts dozens of processes: on a busy machine that is slow, not wrong.
setDefaultTimeout(60_000);

const ifname = "net1";
const quiet = { exit: 0, json: {}, stderr: "" };

const checked = async (s: Stage, net1: Net1, more: JsonObject = {}) => {
  const pod = s.pod();
  ground(pod);
  const conf = sbrConf(attach(pod, net1), more);
  expect(await s.call("ADD", conf, { pod, ifname })).toMatchObject({ exit: 0 });
  const check = () => s.call("CHECK", conf, { pod, ifname });
  expect(await check()).toEqual(quiet);
  return { pod, check };
};

const three: Net1 = {
  ips: [v4, { address: "10.7.0.6/24", gateway: "10.7.0.2" }, v6, { address: "fd00:8::5/64" }],
  routes: [{ dst: "0.0.0.0/0" }, { dst: "192.168.0.0/16", gw: "10.7.0.9" }],
};
/** As ptp leaves it. */
const point: Net1 = {
  ips: [v4],
  more: `ip route del 10.7.0.0/24 dev net1; ip route add 10.7.0.1 dev net1 scope link src 10.7.0.5
    ip route add 10.7.0.0/24 via 10.7.0.1 src 10.7.0.5`,
};
const hints = { addSourceHints: true };
const gateways = { gateways: ["10.7.0.77", "fd00:7::77"] };

/** What breaks it (sh, in the pod), and all that CHECK has to say. */
type Mutation = readonly [net1: Net1, more: JsonObject, line: string, said: RegExp];
const rule = "ip rule del from 10.7.0.5 table 100";
const mutations: readonly Mutation[] = [
  [dual, {}, rule, /^rule from 10\.7\.0\.5 table 100: is gone$/],
  [dual, {}, "ip -6 rule del from fd00:7::5 table 101", /^rule from fd00:7::5 table 101: is gone$/],
  [dual, {}, `${rule}; ip rule add from 10.7.0.5 table 55`, /^rule from 10\.7\.0\.5 table 100: is gone$/],
  [dual, {}, `${rule}; ip rule add from 10.7.0.4/30 table 100`, /^rule from 10\.7\.0\.5: is gone$/],
  [three, {}, "ip rule del from 10.7.0.6 table 101", /^rule from 10\.7\.0\.6 table 101: is gone$/],
  [dual, { table: 77 }, "ip rule del from 10.7.0.5 table 77", /^rule from 10\.7\.0\.5 table 77: is gone$/],
  [dual, { table: 77 }, "ip -6 rule del from fd00:7::5 table 77", /^rule from fd00:7::5 table 77: is gone$/],
  [
    dual,
    {},
    `${rule}; ip route del default table 100`,
    /^rule from 10\.7\.0\.5 table 100: is gone; route default via 10\.7\.0\.1 dev net1 table 100: is gone$/,
  ],
  [dual, {}, "ip route del default table 100", /^route default via 10\.7\.0\.1 dev net1 table 100: is gone$/],
  [
    dual,
    {},
    "ip route replace default via 10.7.0.3 table 100",
    /^route default via 10\.7\.0\.1 dev net1 table 100: is/,
  ],
  [dual, {}, "ip route replace default via 10.244.1.1 table 100", /^route default via 10\.7\.0\.1 dev net1 table 100/],
  [dual, {}, "ip route del 10.7.0.0/24 table 100", /^route 10\.7\.0\.0\/24 dev net1 table 100: is gone$/],
  [
    dual,
    {},
    "ip route del 192.168.0.0/16 table 100",
    /^route 192\.168\.0\.0\/16 via 10\.7\.0\.9 dev net1 table 100: is/,
  ],
  [dual, {}, "ip -6 route del default table 101", /^route default via fd00:7::1 dev net1 table 101: is gone$/],
  [dual, {}, "ip -6 route del fd00:7::/64 table 101", /^route fd00:7::\/64 dev net1 table 101: is gone$/],
  [dual, {}, "ip -6 route del fd99::/32 table 101", /^route fd99::\/32 via fd00:7::9 dev net1 table 101: is gone$/],
  [dual, {}, "ip -6 route del fe80::/64 table 101", /^route fe80::\/64 dev net1 table 101: is gone$/],
  [dual, {}, "ip link del net1", /^net1 in .*: is gone$/],
  [
    three,
    {},
    "ip route del 10.7.0.0/24 table 101",
    /^route 10\.7\.0\.0\/24 dev net1 table 101 src 10\.7\.0\.5: is gone$/,
  ],
  [three, {}, "ip route del default table 101", /^route default via 10\.7\.0\.1 dev net1 table 101: is gone$/],
  [three, {}, "ip -6 route del fd00:8::/64 table 102", /^route fd00:8::\/64 dev net1 table 102: is gone$/],
  [point, {}, "ip route del 10.7.0.0/24 table 100", /^route 10\.7\.0\.0\/24 dev net1 table 100: is gone$/],
  [point, {}, "ip route del 10.7.0.1 table 100", /^route 10\.7\.0\.1\/32 dev net1 table 100: is gone$/],
  [dual, gateways, "ip route replace default via 10.7.0.1 table 100", /^route default via 10\.7\.0\.77 dev net1 table/],
  [dual, gateways, "ip -6 route del default table 101", /^route default via fd00:7::77 dev net1 table 101: is gone$/],
  [dual, hints, "ip route del 10.7.0.0/24", /^route 10\.7\.0\.0\/24 dev net1 src 10\.7\.0\.5: is gone$/],
  [dual, hints, "ip route replace 10.7.0.0/24 dev net1", /^route 10\.7\.0\.0\/24 dev net1 src 10\.7\.0\.5: is gone$/],
  [dual, hints, "ip -6 route del fd00:7::/64", /^route fd00:7::\/64 dev net1 src fd00:7::5: is gone$/],
];

describe("CHECK notices", () => {
  for (const [net1, more, line, said] of mutations)
    test(`${line}${Object.keys(more).length > 0 ? ` with ${JSON.stringify(more)}` : ""}`, () =>
      withStage(async (s) => {
        const { pod, check } = await checked(s, net1, more);
        pod.sh(line);
        const { exit, json } = await check();
        expect(exit).toBe(1);
        expect(String(json.msg)).toMatch(said);
      }));
});

describe("the line that CHECK's finding ends with mends it", () => {
  const lines = mutations.filter(([, , line]) => !/link del|table 55|\/30|;|replace/.test(line));
  for (const [net1, more, line] of lines)
    test(`${line}${Object.keys(more).length > 0 ? ` with ${JSON.stringify(more)}` : ""}`, () =>
      withStage(async (s) => {
        const { pod, check } = await checked(s, net1, more);
        pod.sh(line);
        const fix = String((await check()).json.details);
        expect(fix).toStartWith(`ip -n ${pod.name} `);
        pod.sh(fix);
        expect(await check()).toEqual(quiet);
      }));
});

test("all that is broken is told at once", () =>
  withStage(async (s) => {
    const { pod, check } = await checked(s, three, hints);
    pod.sh(
      "ip rule flush; ip rule add table main priority 32766; ip route flush table 101; ip -6 route flush table 103",
    );
    const said = String((await check()).json.msg).split("; ");
    expect(said.filter((text) => text.startsWith("rule from"))).toHaveLength(2);
    expect(said.filter((text) => text.includes("table 103"))).not.toEqual([]);
  }));

test("a rule that is gone with its whole table comes with the call that begins anew", () =>
  withStage(async (s) => {
    const { pod, check } = await checked(s, dual);
    pod.sh("ip rule del from 10.7.0.5 table 100; ip route flush table 100");
    const { json } = await check();
    expect([json.msg, json.details]).toEqual([
      "rule from 10.7.0.5: is gone",
      "podwire cni del net1 --container-id pod1 --ifname net1",
    ]);
  }));

test("CHECK lets be what others have added: rules, routes, addresses", () =>
  withStage(async (s) => {
    const { pod, check } = await checked(s, dual, hints);
    pod.sh(`ip rule add from 10.7.0.0/24 table 300; ip rule add fwmark 1 table 100; ip route add 10.50.0.0/16 via 10.7.0.3 table 100
      ip route add 10.51.0.0/16 via 10.7.0.3; ip address add 10.9.0.1/24 dev net1; ip -6 route add default via fd00:7::3 dev net1 metric 9`);
    expect(await check()).toEqual(quiet);
  }));

test("CHECK needs a prevResult, and says so", () =>
  withStage(async (s) => {
    expect(await s.call("CHECK", sbrConf(undefined), { pod: s.pod(), ifname })).toMatchObject({
      exit: 1,
      json: { code: 7 },
    });
  }));

test("a rule as the reference makes it, without a mark, is as good", () =>
  withStage(async (s) => {
    const { pod, check } = await checked(s, dual);
    pod.sh("ip rule del from 10.7.0.5 table 100; ip rule add from 10.7.0.5 table 100 protocol 0");
    expect(rulesOf(pod, true).join("\n")).toContain("from 10.7.0.5 lookup 100\n");
    expect(await check()).toEqual(quiet);
  }));

describe("in a chain", () => {
  const chain = (pod: TestNetns, s: Stage, more: JsonObject) => {
    const bridge = {
      cniVersion: "1.1.0",
      name: "pods",
      type: "bridge",
      isDefaultGateway: true,
      ipam: {
        type: "static",
        addresses: [{ address: "10.1.2.5/24" }, { address: "fd00:1::5/64" }],
        routes: [{ dst: "192.168.0.0/16", gw: "10.1.2.9" }],
      },
    };
    const sbr = { cniVersion: "1.1.0", name: "pods", type: "sbr", ...more };
    const call = (verb: string, conf: JsonObject, prevResult: JsonObject) =>
      s.call(verb, { ...conf, prevResult }, { pod, ifname });
    return {
      add: async () => {
        const { json } = await s.call("ADD", bridge, { pod, ifname });
        expect(await call("ADD", sbr, json)).toMatchObject({ exit: 0, json });
        return json;
      },
      check: async (prev: JsonObject) => [await call("CHECK", bridge, prev), await call("CHECK", sbr, prev)],
    };
  };
  const all = { plain: {}, hints, gateways: { gateways: ["10.1.2.77", "fd00:1::77"] }, "a table": { table: 77 } };
  for (const [name, more] of Object.entries(all))
    test(`the CHECK of bridge before it stays quiet: ${name}`, () =>
      withStage(async (s) => {
        const pod = s.pod();
        const { add, check } = chain(pod, s, more);
        expect(await check(await add())).toEqual([quiet, quiet]);
      }));
  test("a moved route that is gone is told by both", () =>
    withStage(async (s) => {
      const pod = s.pod();
      const { add, check } = chain(pod, s, {});
      const prev = await add();
      pod.ip("route del 192.168.0.0/16 table 100");
      for (const { exit, json } of await check(prev)) {
        expect(exit).toBe(1);
        expect(String(json.msg)).toMatch(/^route 192\.168\.0\.0\/16 via 10\.1\.2\.9 dev net1 table 100: is gone$/);
      }
    }));
});
