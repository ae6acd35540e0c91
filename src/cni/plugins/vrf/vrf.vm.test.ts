/** `vrf` on a kernel that has VRFs: `ip -j`, the reference and traffic are the judges. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import type { JsonObject } from "../../../base/json-types.ts";
import type { TestNetns } from "../../../kernel/testing/netns.ts";
import { countingKernel } from "../../testing/failing-kernel.ts";
import { type Stage, withStage } from "../../testing/stage.ts";
import { reaches } from "../bridge/testing/vlans.ts";
import { podWith, resultOf, view, vrfConf } from "./testing/chain.ts";

// The processor is emulated.
setDefaultTimeout(120_000);

type LinkRow = {
  ifname: string;
  master?: string;
  flags: string[];
  linkinfo?: { info_kind?: string; info_data?: { table: number } };
};
/** VRFs with their tables, and interfaces with their masters. */
const links = (pod: TestNetns): string[] =>
  pod.ipJson<LinkRow>("link").flatMap((l) => {
    const { info_kind: kind, info_data: data } = l.linkinfo ?? {};
    if (kind === "vrf") return [`${l.ifname} ${data?.table} ${l.flags.includes("UP") ? "up" : "down"}`];
    return l.ifname === "lo" ? [] : [`${l.ifname} in ${l.master ?? "none"}`];
  });
/** Those that someone made, by `ip`: `10.70.0.0/16 via 10.0.2.9 table 1`. */
const routes = (pod: TestNetns): string[] =>
  pod
    .sh("ip route show table all")
    .split("\n")
    .filter((line) => line.includes(" via "))
    .map((line) => `${/^(\S+ via \S+)/.exec(line)?.[1]} table ${/ table (\S+)/.exec(line)?.[1] ?? "main"}`)
    .sort();
const globals = (pod: TestNetns, ifname = "eth0"): string[] =>
  (pod.ipJson<{ addr_info: { local: string }[] }>(`address show ${ifname} scope global`)[0]?.addr_info ?? []).map(
    (a) => a.local,
  );
const add = (s: Stage, pod: TestNetns, more: JsonObject = {}, ifname = "eth0") =>
  s.call("ADD", { ...vrfConf(more), prevResult: resultOf(pod, ifname) }, { pod, ifname });

test("behind bridge the VRF has interface, addresses and routes, CHECK of both is quiet, and packets pass", () =>
  withStage(async (s) => {
    const pod = s.pod();
    const ranges = [[{ subnet: "10.1.2.0/24" }], [{ subnet: "fd00:1::/64" }]];
    const ipam = { type: "host-local", dataDir: s.dataDir, ranges, routes: [{ dst: "10.8.0.0/16", table: 77 }] };
    const bridge = { cniVersion: "1.1.0", name: "net1", type: "bridge", bridge: "br0", isDefaultGateway: true, ipam };
    const { json: prevResult } = await s.call("ADD", bridge, { pod });
    const conf = vrfConf({ prevResult });
    expect(await s.call("ADD", conf, { pod })).toEqual({ exit: 0, json: prevResult, stderr: "" });
    expect(links(pod)).toEqual(["eth0 in red", "red 1 up"]);
    expect(routes(pod)).toEqual([
      "10.8.0.0/16 via 10.1.2.1 table 77",
      "default via 10.1.2.1 table 1",
      "default via fd00:1::1 table 1",
    ]);
    expect(await s.call("CHECK", conf, { pod })).toEqual({ exit: 0, json: {}, stderr: "" });
    expect(await s.call("CHECK", { ...bridge, prevResult }, { pod })).toEqual({ exit: 0, json: {}, stderr: "" });
    // From an address that only the default routes lead back to.
    s.host.sh(`ip link set lo up; ip address add 192.0.2.1/32 dev lo; ip address add fd99::1/128 dev lo
      ip route add 10.1.2.2 dev br0 src 192.0.2.1; ip route add fd00:1::2 dev br0 src fd99::1`);
    for (const address of ["10.1.2.2", "fd00:1::2"]) expect(reaches(s.host, address)).toBe(true);
    for (const conf of [vrfConf(), bridge])
      expect(await s.call("DEL", conf, { pod })).toEqual({ exit: 0, json: {}, stderr: "" });
    expect(links(pod)).toEqual([]);
  }));

test("a second interface joins the same VRF, another VRF gets another table, and the last to leave takes it along", () =>
  withStage(async (s) => {
    const pod = podWith(s, "eth0", "eth1", "eth2");
    const addresses = globals(pod);
    await add(s, pod);
    await add(s, pod, {}, "eth1");
    await add(s, pod, { vrfname: "blue" }, "eth2");
    const all = ["eth0 in red", "eth1 in red", "eth2 in blue", "red 1 up", "blue 2 up"];
    expect(links(pod)).toEqual(all);
    expect(routes(pod).filter((r) => r.endsWith("main"))).toEqual([]);
    expect(routes(pod).length).toBe(12);
    expect(globals(pod)).toEqual(addresses);
    await s.call("DEL", vrfConf(), { pod });
    expect(links(pod)).toEqual(["eth0 in none", ...all.slice(1)]);
    await s.call("DEL", vrfConf(), { pod, ifname: "eth1" });
    expect(links(pod)).toEqual(["eth0 in none", "eth1 in none", "eth2 in blue", "blue 2 up"]);
  }));

test("the table is the config's, and a free one is in no one's use", () =>
  withStage(async (s) => {
    const pod = podWith(s, "eth0", "eth1");
    pod.sh("ip route add blackhole 10.99.0.0/16 table 1; ip rule add from 10.98.0.1 table 2");
    await add(s, pod);
    await add(s, pod, { vrfname: "blue", table: 70000 }, "eth1");
    expect(links(pod)).toEqual(["eth0 in red", "eth1 in blue", "red 3 up", "blue 70000 up"]);
  }));

describe("what cannot be is refused, and nothing is touched", () => {
  test.each([
    [
      "another table",
      "ip link add red type vrf table 9",
      { table: 10 },
      /table of VRF red .*: is 9, should be 10/,
      104,
    ],
    ["a link of that name that is no VRF", "ip link add red type dummy", {}, /is there and is a dummy/, 102],
    ["a master", "ip link add br9 type bridge; ip link set eth0 master br9", {}, /belongs to br9 already/, 102],
    ["no interface", "ip link del eth0", {}, /link eth0: there is no such device/, 103],
  ])("%s", (_, before, more, said, code) =>
    withStage(async (s) => {
      const pod = podWith(s, "eth0");
      pod.sh(before);
      const was = view(pod);
      const { exit, json } = await add(s, pod, more);
      expect({ exit, code: json.code }).toEqual({ exit: 1, code });
      expect(String(json.msg)).toMatch(said);
      expect(view(pod)).toEqual(was);
      expect(await s.call("ADD", vrfConf(more), { pod })).toMatchObject({ exit: 1, json: { code: 7 } });
    }),
  );
});

test("an ADD whose n-th operation fails leaves everything as it was", () =>
  withStage(async (s) => {
    const pod = podWith(s, "eth0");
    // So that addresses go when the interface goes down.
    pod.sh("sysctl -q -w net.ipv6.conf.eth0.keep_addr_on_down=0; ip route append 10.8.0.0/16 via 10.0.2.1 table 77");
    const was = view(pod);
    for (let n = 1; ; n++) {
      const { kernel, done } = countingKernel(s.kernel, n);
      const conf = { ...vrfConf(), prevResult: resultOf(pod) };
      const { exit, json } = await s.call("ADD", conf, { pod }, kernel);
      if (exit === 0) {
        expect(done.length).toBe(n - 1);
        break;
      }
      expect(String(json.msg)).toContain("as planned");
      expect({ n, op: done[n - 1], seen: view(pod) }).toEqual({ n, op: done[n - 1], seen: was });
    }
    expect(globals(pod)).toEqual(["10.0.2.2", "fd00::2"]);
  }));

describe("DEL succeeds, twice", () => {
  test.each([
    ["after a plain ADD", "true"],
    ["with the interface gone", "ip link del eth0"],
    ["with the interface renamed", "ip link set eth0 nomaster down; ip link set eth0 name web0"],
    ["with the VRF gone", "ip link del red"],
  ])("%s", (_, half) =>
    withStage(async (s) => {
      const pod = podWith(s, "eth0");
      await add(s, pod);
      pod.sh(half);
      // As a runtime asks that has lost the result.
      for (const _ of [1, 2])
        expect(await s.call("DEL", vrfConf(), { pod })).toEqual({ exit: 0, json: {}, stderr: "" });
      expect(links(pod)).toEqual(
        half.includes("del eth0") ? [] : [expect.stringMatching(/^\w+ in none$/) as unknown as string],
      );
    }),
  );
  test("and is content without a namespace, and leaves what is not this plugin's", () =>
    withStage(async (s) => {
      expect(await s.call("DEL", vrfConf(), { netns: "" })).toMatchObject({ exit: 0 });
      expect(await s.call("DEL", vrfConf(), { netns: "/run/netns/gone" })).toMatchObject({ exit: 0 });
      const pod = podWith(s, "eth0");
      pod.sh("ip link add red type vrf table 9; ip link set red up; ip link add blue type dummy");
      await add(s, pod);
      await s.call("DEL", vrfConf(), { pod });
      expect(links(pod)).toEqual(["eth0 in none", "red 9 up", "blue in none"]);
      const was = view(pod);
      expect(await s.call("DEL", vrfConf({ vrfname: "blue" }), { pod })).toMatchObject({ exit: 0 });
      expect(view(pod)).toEqual(was);
    }));
  test("when any of its operations failed before", () =>
    withStage(async (s) => {
      const pod = podWith(s, "eth0");
      for (let n = 1; ; n++) {
        expect(await add(s, pod)).toMatchObject({ exit: 0 });
        const { exit } = await s.call("DEL", vrfConf(), { pod }, countingKernel(s.kernel, n).kernel);
        expect(await s.call("DEL", vrfConf(), { pod })).toMatchObject({ exit: 0 });
        expect(links(pod)).toEqual(["eth0 in none"]);
        if (exit === 0) break;
      }
    }));
});

describe("CHECK notices", () => {
  test.each([
    ["ip link set red down", /VRF red: is down/],
    ["ip link set eth0 nomaster", /master of eth0: is none, should be red/],
    ["ip link del red", /VRF red in .*: is gone/],
    [
      "ip link del red; ip link add red type vrf table 10; ip link set eth0 master red",
      /table of VRF red: is 10, should/,
    ],
    ["ip link del red; ip link add red type dummy", /kind of red: is dummy, should be vrf/],
    ["ip address del 10.0.2.2/24 dev eth0", /address 10\.0\.2\.2\/24 on eth0: is gone/],
    ["ip address del fd00::2/64 dev eth0", /address fd00::2\/64 on eth0: is gone/],
    ["ip route del default table 9", /route default via 10\.0\.2\.1 dev eth0 table 9: is gone/],
    ["ip -6 route del fd00::/32 table 9", /route fd00::\/32 via fd00::1 dev eth0 table 9: is gone/],
    ["ip link set eth0 down; ip link set eth0 name web0", /eth0 in .*: is gone/],
  ])("%s", (line, said) =>
    withStage(async (s) => {
      const pod = podWith(s, "eth0");
      await add(s, pod, { table: 9 });
      const asked = { ...vrfConf({ table: 9 }), prevResult: resultOf(pod) };
      expect(await s.call("CHECK", asked, { pod })).toEqual({ exit: 0, json: {}, stderr: "" });
      pod.sh(line);
      const { exit, json } = await s.call("CHECK", asked, { pod });
      expect({ exit, msg: json.msg }).toEqual({ exit: 1, msg: expect.stringMatching(said) as unknown as string });
    }),
  );
});

test("STATUS is fine on this kernel, and GC has nothing to do", () =>
  withStage(async (s) => {
    for (const verb of ["STATUS", "GC"])
      expect(await s.call(verb, vrfConf())).toEqual({ exit: 0, json: {}, stderr: "" });
  }));

/** The reference's release here moves no routes. */
describe("the reference's vrf and ours do the same, but for routes", () => {
  const play = async (who: "ours" | "theirs", more: JsonObject): Promise<unknown> => {
    let seen: unknown;
    await withStage(async (s) => {
      const pod = podWith(s, "eth0");
      const prevResult = resultOf(pod, "eth0", String(more.cniVersion));
      const conf = { ...vrfConf(more), prevResult };
      const ask: Stage["call"] = who === "ours" ? s.call : async (verb, c, call) => s.reference(verb, c, call);
      const added = await ask("ADD", conf, { pod });
      const after = [links(pod), globals(pod)];
      const exits = [(await ask("CHECK", conf, { pod })).exit, (await ask("DEL", conf, { pod })).exit];
      const { dns: _, ...result } = added.json;
      seen = {
        exit: added.exit,
        told: JSON.stringify(result).replaceAll(pod.path, "POD"),
        after,
        exits,
        left: links(pod),
      };
    });
    return seen;
  };
  test.each([{ cniVersion: "1.0.0" }, { cniVersion: "0.4.0", table: 500 }])("%j", async (more) => {
    const ours = await play("ours", more);
    expect(ours).toEqual(await play("theirs", more));
    expect(ours).toMatchObject({ exit: 0, exits: [0, 0], left: ["eth0 in none"] });
  });
});
