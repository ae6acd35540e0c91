/** dummy, on a kernel that has it; `ip -j` is the judge. */
import { expect, test } from "bun:test";
import { childConf, dual, type LinkRow } from "../../attach/child/testing/stage.ts";
import { withStage } from "../../testing/stage.ts";

test("ADD makes a dummy with addresses; CHECK sees it break; DEL takes it away, and no other kind", () =>
  withStage(async (s) => {
    const pod = s.pod();
    const conf = childConf(s, "dummy", {}, dual, { routes: [{ dst: "10.9.0.0/16" }] });
    // The host's own has nothing to do with the pod's.
    s.host.ip("link add eth0 type dummy");
    expect(await s.call("STATUS", conf)).toMatchObject({ exit: 0 });
    const added = await s.call("ADD", conf, { pod });
    const [shown] = pod.ipJson<LinkRow>("link show eth0");
    expect(shown).toMatchObject({ linkinfo: { info_kind: "dummy" }, ifalias: "podwire net1/pod1/eth0" });
    expect(shown?.flags).toContain("UP");
    expect(added).toEqual({
      exit: 0,
      stderr: "",
      json: {
        cniVersion: "1.1.0",
        interfaces: [{ name: "eth0", mac: shown?.address, mtu: 1500, sandbox: pod.path }],
        ips: [
          { address: "10.1.2.2/24", gateway: "10.1.2.1", interface: 0 },
          { address: "fd00:1::2/64", gateway: "fd00:1::1", interface: 0 },
        ],
        routes: [{ dst: "10.9.0.0/16" }],
      },
    });
    expect(pod.sh("ip route get 10.9.1.1; ip -6 route get fd00:1::7")).toMatch(/via 10\.1\.2\.1 dev eth0.*dev eth0/s);
    const asked = { ...conf, prevResult: added.json };
    expect(await s.call("CHECK", asked, { pod })).toEqual({ exit: 0, json: {}, stderr: "" });
    pod.sh("ip link set eth0 address 02:00:00:00:00:97; ip addr del 10.1.2.2/24 dev eth0; ip link set eth0 down");
    const { exit, json } = await s.call("CHECK", asked, { pod });
    expect(exit).toBe(1);
    for (const said of [
      "MAC of eth0",
      "link eth0 in the pod: is down",
      "address 10.1.2.2/24 on eth0: is gone",
      "10.9.0.0/16",
    ])
      expect(String(json.msg)).toContain(said);
    for (const _ of [1, 2]) expect(await s.call("DEL", conf, { pod })).toEqual({ exit: 0, json: {}, stderr: "" });
    expect(pod.sh("ip -br link | cut -d' ' -f1")).toBe("lo\n");
    expect(s.store()).toEqual({});
    pod.ip("link add eth0 type veth peer name eth1");
    expect(await s.call("DEL", conf, { pod })).toMatchObject({ exit: 0 });
    expect(pod.ipJson<LinkRow>("link show type veth")).toHaveLength(2);
  }));
