/** VLANs on a kernel that has them; `bridge -j vlan` is the judge. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { bridgeVlanFilteringProbe } from "../../../kernel/probe/bridge-vlan-filtering.ts";
import { type Answer, type Stage, withStage } from "../../testing/stage.ts";
import { bridgeConf } from "./conf-fixture.ts";

setDefaultTimeout(120_000);
const able = bridgeVlanFilteringProbe.ask().is !== "no";

interface PortRow {
  readonly ifname: string;
  readonly vlans: readonly { vlan: number; vlanEnd?: number; flags?: readonly string[] }[];
}
const nameOf = (a: Answer, i: number): string => (a.json.interfaces as { name: string }[])[i]!.name;
const vlansOf = (s: Stage, port: string): string[] =>
  (s.host.bridgeJson<PortRow>("vlan show").find((p) => p.ifname === port)?.vlans ?? []).map((v) =>
    [v.vlanEnd ? `${v.vlan}-${v.vlanEnd}` : v.vlan, ...(v.flags ?? [])].join(" "),
  );
const links = (s: Stage): string[] => s.host.ipJson<{ ifname: string }>("link").map((l) => l.ifname);

describe.skipIf(!able)("on a kernel whose bridge filters VLANs", () => {
  test("an access port has its VLAN and no other; CHECK sees one too few and one too many", () =>
    withStage(async (s) => {
      const pod = s.pod();
      const conf = bridgeConf(s, { vlan: 100 });
      const added = await s.call("ADD", conf, { pod });
      const port = nameOf(added, 1);
      expect(vlansOf(s, port)).toEqual(["100 PVID Egress Untagged"]);
      const check = () => s.call("CHECK", { ...conf, prevResult: added.json }, { pod });
      expect(await check()).toMatchObject({ exit: 0 });
      s.host.ip("link show br0");
      s.host.sh(`bridge vlan add dev ${port} vid 1`);
      expect(await check()).toMatchObject({ exit: 1, json: { code: 104 } });
      s.host.sh(`bridge vlan del dev ${port} vid 1; bridge vlan del dev ${port} vid 100`);
      expect(await check()).toMatchObject({ exit: 1, json: { code: 104 } });
    }));

  test("a trunk has its ranges, and the default VLAN only when it is to stay", () =>
    withStage(async (s) => {
      const vlanTrunk = [{ minID: 10, maxID: 12 }, { id: 20 }];
      const conf = bridgeConf(s, { vlanTrunk }, []);
      const added = await s.call("ADD", conf, { pod: s.pod() });
      expect(vlansOf(s, nameOf(added, 1)).join()).toMatch(/^(10-12|10,11,12),20$/);
      const kept = await s.call("ADD", { ...conf, preserveDefaultVlan: true }, { pod: s.pod(), containerId: "p2" });
      expect(vlansOf(s, nameOf(kept, 1))[0]).toBe("1 PVID Egress Untagged");
    }));

  test("the gateway of a VLAN comes with its first pod and goes with its last", () =>
    withStage(async (s) => {
      const conf = bridgeConf(s, { vlan: 100, isDefaultGateway: true });
      const [one, two] = [s.pod(), s.pod()];
      const first = await s.call("ADD", conf, { pod: one, containerId: "one" });
      expect(nameOf(first, 3)).toBe("br0.100");
      expect(await s.call("ADD", conf, { pod: two, containerId: "two" })).toMatchObject({ exit: 0 });
      expect(s.host.ip("-4 -brief addr show dev br0.100")).toContain("10.1.2.1/24");
      const asked = { ...conf, prevResult: first.json };
      expect(await s.call("CHECK", asked, { pod: one, containerId: "one" })).toMatchObject({ exit: 0 });
      await s.call("DEL", conf, { pod: one, containerId: "one" });
      expect(links(s)).toContain("br0.100");
      await s.call("DEL", conf, { pod: two, containerId: "two" });
      expect(links(s).sort()).toEqual(["br0", "lo"]);
    }));

  test("GC of a VLAN's last pods takes its gateway too", () =>
    withStage(async (s) => {
      const conf = bridgeConf(s, { vlan: 100, isGateway: true });
      await s.call("ADD", conf, { pod: s.pod() });
      expect(await s.call("GC", { ...conf, "cni.dev/valid-attachments": [] })).toMatchObject({ exit: 0 });
      expect(links(s).sort()).toEqual(["br0", "lo"]);
    }));

  test("a bridge that is there and does not filter is refused with the command that mends it", () =>
    withStage(async (s) => {
      s.host.ip("link add br0 type bridge");
      const { json } = await s.call("ADD", bridgeConf(s, { vlan: 100 }), { pod: s.pod() });
      expect(json.details).toBe("ip link set dev br0 type bridge vlan_filtering 1");
    }));
});

describe.skipIf(able)("on a kernel whose bridge does not filter VLANs", () => {
  test("STATUS and ADD say so, and nothing is left", () =>
    withStage(async (s) => {
      const conf = bridgeConf(s, { vlan: 100 });
      for (const verb of ["STATUS", "ADD"]) {
        const { exit, json } = await s.call(verb, conf, { pod: s.pod() });
        expect({ exit, code: json.code }).toEqual({ exit: 1, code: 50 });
        expect(String(json.msg)).toContain("cannot filter VLANs");
      }
      expect({ links: links(s), store: s.store() }).toEqual({ links: ["lo"], store: {} });
    }));
});
