/** The gateway of a VLAN, on a kernel whose bridges filter: made, shared, finished, removed. */
import { describe, expect, test } from "bun:test";
import { type Stage, withStage } from "../../testing/stage.ts";
import { access, add, config, interfaceNames, reaches, vlans } from "./testing/vlans.ts";

describe("the gateway of a VLAN", () => {
  const gateway = { vlan: 100, isDefaultGateway: true };
  const linkNames = (s: Stage): string[] =>
    s.host.ipJson<{ ifname: string }>("link").map((l) => l.ifname.replace(/^veth.*/, "veth"));

  test("is made by the first pod, shared, and gone with the last", () =>
    withStage(async (s) => {
      const [a, b] = [s.pod(), s.pod()];
      const conf = config(s, gateway);
      expect(interfaceNames(await add(s, conf, a, "a"))[3]).toBe("br0.100");
      await add(s, conf, b, "b");
      expect(linkNames(s).filter((name) => name === "br0.100")).toHaveLength(1);
      const rows = s.host.ipJson<{ ifname: string; addr_info: { local: string }[] }>("-4 addr");
      expect(rows.map((l) => [l.ifname, l.addr_info[0]?.local])).toEqual([["br0.100", "10.1.2.1"]]);
      expect(Object.values(vlans(s.host)).sort()).toEqual([[access(1)], [access(100)], [access(100)], [access(100)]]);
      expect(reaches(a, "10.1.2.1")).toBe(true);
      await s.call("DEL", conf, { pod: a, containerId: "a" });
      expect(linkNames(s)).toContain("br0.100");
      expect(reaches(b, "10.1.2.1")).toBe(true);
      await s.call("DEL", conf, { pod: b, containerId: "b" });
      expect(linkNames(s)).toEqual(["lo", "br0"]);
    }));

  test("is made once when pods come at the same time", () =>
    withStage(async (s) => {
      const pods = Array.from({ length: 4 }, () => s.pod());
      const conf = config(s, gateway);
      await Promise.all(pods.map((pod, i) => add(s, conf, pod, `pod${i}`)));
      expect(linkNames(s).filter((name) => name === "br0.100")).toHaveLength(1);
      expect(pods.map((pod) => reaches(pod, "10.1.2.1"))).toEqual([true, true, true, true]);
    }));

  test("is finished by the next pod when the ADD that made it was killed half way", () =>
    withStage(async (s) => {
      const [first, pod] = [s.pod(), s.pod()];
      const conf = config(s, gateway);
      await add(s, conf, first, "first");
      s.host.sh("ip link del br0.100; ip link add half type veth peer name br0.100");
      await add(s, conf, pod);
      expect(vlans(s.host).half).toEqual([access(100)]);
      expect([first, pod].map((p) => reaches(p, "10.1.2.1"))).toEqual([true, true]);
    }));

  test("stays while a pod of another network is in the VLAN", () =>
    withStage(async (s) => {
      const [a, b] = [s.pod(), s.pod()];
      const conf = config(s, gateway);
      const other = { ...config(s, { vlanTrunk: [{ id: 100 }] }), name: "net2" };
      await add(s, conf, a, "a");
      await add(s, other, b, "b");
      await s.call("DEL", conf, { pod: a, containerId: "a" });
      expect(linkNames(s)).toContain("br0.100");
    }));

  test("goes by GC, too", () =>
    withStage(async (s) => {
      const conf = config(s, { ...gateway, cniVersion: "1.1.0" });
      await add(s, conf, s.pod());
      const collected = await s.call("GC", { ...conf, "cni.dev/valid-attachments": [] });
      expect(collected).toMatchObject({ exit: 0 });
      expect(linkNames(s)).toEqual(["lo", "br0"]);
    }));

  test("is left alone by DEL when someone else made it", () =>
    withStage(async (s) => {
      s.host.sh(`
        ip link add br0 type bridge vlan_filtering 1
        ip link add mine type veth peer name br0.100
        ip link set mine master br0 up
        bridge vlan add dev mine vid 100 pvid untagged
        ip addr add 10.1.2.1/24 dev br0.100
        ip link set br0.100 up; ip link set br0 up`);
      const pod = s.pod();
      const conf = config(s, gateway);
      await add(s, conf, pod);
      expect(reaches(pod, "10.1.2.1")).toBe(true);
      await s.call("DEL", conf, { pod });
      expect(linkNames(s)).toContain("br0.100");
    }));
});
