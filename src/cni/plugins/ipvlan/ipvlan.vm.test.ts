/** ipvlan, on a kernel that has it: `ip -j`, real packets and the reference are the judges. */
import { expect, test } from "bun:test";
import type { JsonObject } from "../../../base/json-types.ts";
import { childConf, dual, type LinkRow, withMaster } from "../../attach/child/testing/stage.ts";
import { ours, play, theirs } from "../../testing/play.ts";
import type { Stage } from "../../testing/stage.ts";
import { reaches } from "../bridge/testing/vlans.ts";

/** The host's master is called as the pod's interface is, as it is on most nodes. */
const conf = (s: Stage, more: JsonObject = {}, ranges?: readonly string[]): JsonObject =>
  childConf(s, "ipvlan", { master: "eth0", ...more }, ranges);
const rename = "ip link set up0 down name eth0; ip link set eth0 up";

test("pods of one master reach each other and have its MAC; CHECK and DEL", () =>
  withMaster(async (s) => {
    s.host.sh(rename);
    const [a, b] = [s.pod(), s.pod()];
    const config = conf(s, { mtu: 1400 }, dual);
    expect(await s.call("STATUS", config)).toMatchObject({ exit: 0 });
    const { json } = await s.call("ADD", config, { pod: a, containerId: "a" });
    expect(await s.call("ADD", config, { pod: b, containerId: "b" })).toMatchObject({ exit: 0 });
    const [master] = s.host.ipJson<LinkRow>("link show eth0");
    const [shown] = a.ipJson<LinkRow>("link show eth0");
    expect(shown).toMatchObject({ address: master?.address, mtu: 1400 });
    expect(shown?.linkinfo).toMatchObject({ info_kind: "ipvlan", info_data: { mode: "l2" } });
    expect(json.interfaces).toEqual([{ name: "eth0", mac: shown?.address, mtu: 1400, sandbox: a.path }]);
    for (const address of ["10.1.2.3", "fd00:1::3"]) expect(reaches(a, address)).toBe(true);
    const asked = { ...config, prevResult: json };
    const call = { pod: a, containerId: "a" };
    expect(await s.call("CHECK", asked, call)).toEqual({ exit: 0, json: {}, stderr: "" });
    a.sh("ip link set eth0 type ipvlan mode l3; ip link set eth0 mtu 1300; ip addr del 10.1.2.2/24 dev eth0");
    s.host.ip("link set eth0 down");
    const broken = await s.call("CHECK", asked, call);
    for (const said of [
      "mode of eth0 in the pod: is l3, should be l2",
      "mtu of eth0 in the pod: is 1300, should be 1400",
      "address 10.1.2.2/24 on eth0: is gone",
      "master eth0: is down, should be up",
    ])
      expect(String(broken.json.msg)).toContain(said);
    expect(await s.call("STATUS", config)).toMatchObject({ exit: 1, json: { code: 51 } });
    for (const _ of [1, 2]) expect(await s.call("DEL", config, call)).toEqual({ exit: 0, json: {}, stderr: "" });
    expect(a.sh("ip -br link | cut -d' ' -f1")).toBe("lo\n");
    expect(Object.values(s.store())).toEqual(["b\r\neth0", "b\r\neth0"]);
  }));

test("in a chain it takes master and addresses from the result before it, and needs either those or ipam", () =>
  withMaster(async (s) => {
    s.host.sh(rename);
    const pod = s.pod();
    const chained = { ...conf(s, { mode: "l3" }, []), master: "" };
    const before: JsonObject = {
      cniVersion: "1.1.0",
      interfaces: [{ name: "eth0", mac: "02:00:00:00:00:01" }],
      ips: [{ address: "10.6.0.9/24", gateway: "10.6.0.1", interface: 0 }],
      routes: [{ dst: "0.0.0.0/0" }],
    };
    const added = await s.call("ADD", { ...chained, prevResult: before }, { pod });
    const [shown] = pod.ipJson<LinkRow>("link show eth0");
    expect(shown?.linkinfo).toMatchObject({ info_kind: "ipvlan", info_data: { mode: "l3" } });
    expect(added.json).toEqual({
      ...before,
      interfaces: [{ name: "eth0", mac: shown?.address, mtu: 1500, sandbox: pod.path }],
    });
    expect(pod.sh("ip route get 192.0.2.1")).toContain("via 10.6.0.1 dev eth0");
    expect(await s.call("CHECK", { ...chained, prevResult: added.json }, { pod })).toMatchObject({ exit: 0 });
    expect(await s.call("DEL", { ...chained, prevResult: added.json }, { pod })).toMatchObject({ exit: 0 });
    const refused: readonly (readonly [JsonObject, RegExp])[] = [
      [{}, /ipam\.type: expected an IPAM plugin such as host-local, or addresses in prevResult/],
      [{ prevResult: { ...before, ips: [] } }, /ipam\.type/],
      [{ prevResult: { ...before, interfaces: [{ name: "a" }, { name: "b" }] } }, /master: expected .* got a, b/],
    ];
    for (const [more, said] of refused) {
      const { exit, json } = await s.call("ADD", { ...chained, ...more }, { pod });
      expect(exit).toBe(1);
      expect(String(json.msg)).toMatch(said);
    }
    expect(pod.sh("ip -br link | cut -d' ' -f1")).toBe("lo\n");
  }));

test("a master that carries macvlan links is refused, and told why", () =>
  withMaster(async (s) => {
    s.host.sh(`${rename}; ip link add m0 link eth0 type macvlan`);
    const pod = s.pod();
    const { json } = await s.call("ADD", conf(s), { pod });
    expect(json).toMatchObject({ code: 102, details: "ip -d link show dev eth0" });
    expect(String(json.msg)).toContain("carries links of another kind than ipvlan");
    expect({ links: pod.sh("ip -br link | cut -d' ' -f1"), store: s.store() }).toEqual({ links: "lo\n", store: {} });
  }));

test("the reference's ipvlan and ours leave the same behind", async () => {
  const base = { type: "ipvlan", master: "up0", mode: "l3s" };
  const ipam = { ranges: [[{ subnet: "10.1.2.0/24" }]], routes: [{ dst: "10.9.0.0/16", gw: "10.1.2.9" }] };
  const c = { before: "ip link add up0 mtu 1400 type veth peer name far0; ip link set up0 up", ipam };
  expect(await play(base, c, ours)).toEqual(await play(base, c, theirs));
});
