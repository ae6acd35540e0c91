/** CHECK on a kernel: quiet on what ADD made, and a difference for every single thing that is then broken. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import type { JsonObject } from "../../../base/json-types.ts";
import { childConf, dual, withMaster } from "../../attach/child/testing/stage.ts";

// Each test starts dozens of processes: on a busy machine that is slow, not wrong.
setDefaultTimeout(60_000);

const settings: JsonObject = { mtu: 1400, bcqueuelen: 700 };
const routes = [{ dst: "0.0.0.0/0" }, { dst: "10.8.0.0/16", table: 77 }];

/** What breaks it (sh; $POD is the pod's namespace), where, and what CHECK has to say. */
const mutations: readonly (readonly [where: "host" | "pod", line: string, said: RegExp])[] = [
  ["host", "ip link del up0", /master up0: is gone.*eth0 in .*: is gone/],
  ["host", "ip link set up0 down", /master up0: is down, should be up/],
  ["host", "ip link set up0 name up1", /master up0: is gone/],
  [
    "host",
    "ip -n $POD link del eth0; ip link add eth0 link far0 netns $POD type macvlan mode bridge",
    /master of eth0 in the pod: is far0, should be up0/,
  ],
  ["pod", "ip link del eth0", /eth0 in .*: is gone/],
  ["pod", "ip link set eth0 down; ip link set eth0 name web0", /eth0 in .*: is gone/],
  ["pod", "ip link del eth0; ip link add eth0 type veth", /kind of eth0 in the pod: is veth, should be macvlan/],
  [
    "pod",
    "ip link del eth0; ip link add v0 type veth; ip link add eth0 link v0 type macvlan mode bridge",
    /master of eth0 in the pod: is in the pod, should be up0/,
  ],
  ["pod", "ip link set eth0 type macvlan mode vepa", /mode of eth0 in the pod: is vepa, should be bridge/],
  ["pod", "ip link set eth0 type macvlan bcqueuelen 9", /bcqueuelen of eth0 in the pod: is 9, should be 700/],
  ["pod", "ip link set eth0 address 02:00:00:00:00:97", /MAC of eth0 in the pod: is 02:00:00:00:00:97/],
  ["pod", "ip link set eth0 mtu 1300", /mtu of eth0 in the pod: is 1300, should be 1400/],
  ["pod", "ip link set eth0 down", /link eth0 in the pod: is down/],
  ["pod", "ip addr del 10.1.2.2/24 dev eth0", /address 10\.1\.2\.2\/24 on eth0: is gone/],
  ["pod", "ip addr del fd00:1::2/64 dev eth0", /address fd00:1::2\/64 on eth0: is gone/],
  ["pod", "ip route del default", /route default via 10\.1\.2\.1 dev eth0: is gone/],
  ["pod", "ip route replace default via 10.1.2.77", /route default via 10\.1\.2\.1/],
  ["pod", "ip route del 10.8.0.0/16 table 77", /route 10\.8\.0\.0\/16 .* table 77: is gone/],
];

describe("CHECK notices", () => {
  for (const [where, line, said] of mutations)
    test(`in the ${where}: ${line}`, () =>
      withMaster(async (s) => {
        const pod = s.pod();
        const conf = childConf(s, "macvlan", settings, dual, { routes });
        const { json } = await s.call("ADD", conf, { pod });
        const asked = { ...conf, prevResult: json };
        expect(await s.call("CHECK", asked, { pod })).toEqual({ exit: 0, json: {}, stderr: "" });
        (where === "host" ? s.host : pod).sh(`POD=${pod.name}; ${line}`);
        const { exit, json: error } = await s.call("CHECK", asked, { pod });
        expect(exit).toBe(1);
        expect(String(error.msg)).toMatch(said);
      }));
});

test("what can be set right comes with the line that does it", () =>
  withMaster(async (s) => {
    const pod = s.pod();
    const conf = childConf(s, "macvlan", settings, dual, { routes });
    const asked = { ...conf, prevResult: (await s.call("ADD", conf, { pod })).json };
    const breaks = [
      "ip link set eth0 type macvlan mode private",
      "ip link set eth0 type macvlan bcqueuelen 9",
      "ip link set eth0 mtu 1300",
      "ip route del default",
      "ip link set eth0 down",
    ];
    for (const line of breaks) {
      pod.sh(line);
      // One line may leave a further one to do: routes go with a link that goes down.
      let answer = await s.call("CHECK", asked, { pod });
      expect({ line, answer }).toMatchObject({ line, answer: { exit: 1 } });
      for (let lines = 0; answer.exit !== 0 && lines < 4; lines++) {
        s.host.sh(String(answer.json.details));
        answer = await s.call("CHECK", asked, { pod });
      }
      expect({ line, answer }).toMatchObject({ line, answer: { exit: 0 } });
    }
  }));

test("a master that the config does not name is whatever the link hangs on", () =>
  withMaster(async (s) => {
    s.host.sh("ip addr add 192.0.2.1/24 dev up0; ip route add default via 192.0.2.2");
    const pod = s.pod();
    const conf = childConf(s, "macvlan", { master: "" });
    const asked = { ...conf, prevResult: (await s.call("ADD", conf, { pod })).json };
    s.host.sh("ip route del default");
    expect(await s.call("CHECK", asked, { pod })).toMatchObject({ exit: 0 });
    s.host.ip("link set up0 down");
    expect(await s.call("CHECK", asked, { pod })).toMatchObject({ exit: 1, json: { code: 104 } });
  }));

test("a master that is a macvlan itself: the kernel hangs the pod's on the one below", () =>
  withMaster(async (s) => {
    s.host.sh("ip link add m0 link up0 type macvlan mode bridge; ip link set m0 up");
    const pod = s.pod();
    const conf = childConf(s, "macvlan", { master: "m0" });
    const asked = { ...conf, prevResult: (await s.call("ADD", conf, { pod })).json };
    expect(await s.call("CHECK", asked, { pod })).toMatchObject({ exit: 0 });
  }));

test("CHECK notices that the IPAM plugin has lost the address", () =>
  withMaster(async (s) => {
    const pod = s.pod();
    const conf = childConf(s, "macvlan");
    const asked = { ...conf, prevResult: (await s.call("ADD", conf, { pod })).json };
    await s.call("GC", { ...conf, type: "host-local", "cni.dev/valid-attachments": [] });
    expect(await s.call("CHECK", asked, { pod })).toMatchObject({ exit: 1 });
  }));

test("CHECK needs a prevResult, and says so", () =>
  withMaster(async (s) => {
    const answer = await s.call("CHECK", childConf(s, "macvlan"), { pod: s.pod() });
    expect(answer).toMatchObject({ exit: 1, json: { code: 7 } });
  }));

test("CHECK lets be what later plugins have added to the result", () =>
  withMaster(async (s) => {
    const pod = s.pod();
    const conf = childConf(s, "macvlan");
    const { json } = await s.call("ADD", conf, { pod });
    const interfaces = [...(json.interfaces as JsonObject[]), { name: "ifb1", mac: "02:00:00:00:00:01" }];
    const ips = [...(json.ips as JsonObject[]), { address: "10.99.0.1/32", interface: 1 }];
    const prevResult = { ...json, interfaces, ips };
    expect(await s.call("CHECK", { ...conf, prevResult }, { pod })).toMatchObject({ exit: 0 });
  }));
