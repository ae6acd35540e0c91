/** vlan, on a kernel that has it: `ip -j`, tagged frames and the reference are the judges. */
import { expect, test } from "bun:test";
import type { JsonObject } from "../../../base/json-types.ts";
import { childConf, dual, type LinkRow, withMaster } from "../../attach/child/testing/stage.ts";
import { countingKernel } from "../../testing/failing-kernel.ts";
import { ours, play, theirs } from "../../testing/play.ts";
import type { Stage } from "../../testing/stage.ts";
import { reaches } from "../bridge/testing/vlans.ts";

/** The host's master is called as the pod's interface is, as it is on most nodes. */
const conf = (s: Stage, more: JsonObject = {}, ranges?: readonly string[]): JsonObject =>
  childConf(s, "vlan", { master: "eth0", vlanId: 100, ...more }, ranges);
const rename = "ip link set up0 down name eth0; ip link set eth0 up";

test("a pod is in its VLAN and in no other, the only one there; CHECK and DEL", () =>
  withMaster(async (s) => {
    s.host.sh(rename);
    const [lan, pod, other] = [s.pod(), s.pod(), s.pod()];
    s.host.ip(`link set far0 netns ${lan.name}`);
    lan.sh(`ip link set far0 up; ip addr add 10.1.2.201/24 dev far0
      ip link add v100 link far0 type vlan id 100; ip addr add 10.1.2.200/24 dev v100; ip link set v100 up
      ip route del 10.1.2.0/24 dev far0`);
    const config = conf(s, { mtu: 1400 }, dual);
    const { json, exit } = await s.call("ADD", config, { pod });
    expect({ exit, json }).toMatchObject({ exit: 0, json: { interfaces: [{ name: "eth0", mtu: 1400 }] } });
    const [shown] = pod.ipJson<LinkRow>("link show eth0");
    expect(shown).toMatchObject({ mtu: 1400, linkinfo: { info_kind: "vlan", info_data: { id: 100 } } });
    expect(shown?.ifalias).toBe("podwire net1/pod1/eth0");
    expect(reaches(pod, "10.1.2.200")).toBe(true);
    // Its second pod has no place: the kernel has one link for each VLAN of a master.
    const refused = await s.call("ADD", config, { pod: other, containerId: "other" });
    expect(refused).toMatchObject({ exit: 1, json: { code: 102 } });
    expect(String(refused.json.msg)).toContain("VLAN 100 of eth0: has its link already (in another namespace)");
    expect(other.sh("ip -br link | cut -d' ' -f1")).toBe("lo\n");
    const asked = { ...config, prevResult: json };
    expect(await s.call("CHECK", asked, { pod })).toEqual({ exit: 0, json: {}, stderr: "" });
    s.host.sh(`ip -n ${pod.name} link del eth0; ip link add link eth0 name v7 netns ${pod.name} type vlan id 7
      ip -n ${pod.name} link set v7 name eth0`);
    const broken = await s.call("CHECK", asked, { pod });
    for (const said of ["id of eth0 in the pod: is 7, should be 100", "mtu of eth0", "link eth0 in the pod: is down"])
      expect(String(broken.json.msg)).toContain(said);
    for (const _ of [1, 2]) expect(await s.call("DEL", config, { pod })).toEqual({ exit: 0, json: {}, stderr: "" });
    expect(pod.sh("ip -br link | cut -d' ' -f1")).toBe("lo\n");
    expect(s.store()).toEqual({});
  }));

test("STATUS tells of a VLAN that the host uses itself, and of a master that is down", () =>
  withMaster(async (s) => {
    s.host.sh(`${rename}; ip link add mine link eth0 type vlan id 100`);
    const taken = await s.call("STATUS", conf(s));
    expect(taken).toMatchObject({ exit: 1, json: { code: 50 } });
    expect(String(taken.json.msg)).toContain("has its link already (mine)");
    expect(await s.call("STATUS", conf(s, { vlanId: 0 }))).toMatchObject({ exit: 0 });
    s.host.ip("link set eth0 down");
    expect(await s.call("STATUS", conf(s, { vlanId: 0 }))).toMatchObject({ exit: 1, json: { code: 51 } });
    expect(await s.call("ADD", conf(s), { pod: s.pod() })).toMatchObject({ exit: 1, json: { code: 104 } });
  }));

test("an ADD whose n-th operation fails, or is killed and followed by DEL, leaves nothing", () =>
  withMaster(async (s) => {
    s.host.sh(rename);
    const pod = s.pod();
    const config = conf(s);
    const left = (): unknown => [pod.sh("ip -br link | cut -d' ' -f1"), s.store()];
    for (let n = 1, whole = 0; whole < 2; n++) {
      const fails = countingKernel(s.kernel, n);
      const failed = await s.call("ADD", config, { pod }, fails.kernel);
      whole = failed.exit === 0 ? whole + 1 : 0;
      if (failed.exit !== 0)
        expect({ n, op: fails.done[n - 1], left: left() }).toMatchObject({ n, left: ["lo\n", {}] });
      else await s.call("DEL", config, { pod });
      await s.call("ADD", config, { pod }, countingKernel(s.kernel, n, "killed").kernel);
      expect(await s.call("DEL", config, { pod })).toMatchObject({ exit: 0 });
      expect({ n, left: left() }).toEqual({ n, left: ["lo\n", {}] });
    }
  }));

test("a master in the pod", () =>
  withMaster(async (s) => {
    const pod = s.pod();
    pod.sh("ip link add in0 type veth peer name in1; ip link set in0 up");
    const config = conf(s, { linkInContainer: true, master: "in0" });
    const { json } = await s.call("ADD", config, { pod });
    expect(pod.ipJson<LinkRow>("link show eth0")).toMatchObject([
      { link: "in0", linkinfo: { info_data: { id: 100 } } },
    ]);
    expect(await s.call("CHECK", { ...config, prevResult: json }, { pod })).toMatchObject({ exit: 0 });
    pod.ip("link del in0");
    expect(await s.call("DEL", config, { pod })).toMatchObject({ exit: 0 });
    expect(s.store()).toEqual({});
  }));

test("the reference's vlan and ours leave the same behind", async () => {
  const base = { type: "vlan", master: "up0", vlanId: 100 };
  const ipam = { ranges: [[{ subnet: "10.1.2.0/24" }]], routes: [{ dst: "10.9.0.0/16", gw: "10.1.2.9" }] };
  const c = { before: "ip link add up0 mtu 1400 type veth peer name far0; ip link set up0 up", ipam };
  expect(await play(base, c, ours)).toEqual(await play(base, c, theirs));
});
