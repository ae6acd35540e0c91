/** VLANs of pods, on a kernel whose bridges filter: `bridge -j vlan`, the reference and traffic are the judges. */
import { describe, expect, test } from "bun:test";
import type { JsonObject } from "../../../base/json-types.ts";
import { snapshot } from "../../testing/snapshot.ts";
import { type Stage, withStage } from "../../testing/stage.ts";
import { access, add, byDefault, config, hostEnd, reaches, vlans } from "./testing/vlans.ts";

describe("the VLANs of a pod's port", () => {
  const cases: Record<string, { conf: JsonObject; port: string[]; before?: string }> = {
    "vlan alone": { conf: { vlan: 100 }, port: [access(100)] },
    "vlan and the default": {
      conf: { vlan: 100, preserveDefaultVlan: true },
      port: ["1 Egress Untagged", access(100)],
    },
    "the default VLAN by its number": { conf: { vlan: 1 }, port: [access(1)] },
    "the highest VLAN": { conf: { vlan: 4094 }, port: [access(4094)] },
    "trunk by id": { conf: { vlanTrunk: [{ id: 101 }, { id: 4094 }] }, port: ["101", "4094"] },
    "trunk by range": { conf: { vlanTrunk: [{ minID: 200, maxID: 203 }] }, port: ["200", "201", "202", "203"] },
    "trunk by a range of one": { conf: { vlanTrunk: [{ minID: 7, maxID: 7 }] }, port: ["7"] },
    "trunk by both in one entry": { conf: { vlanTrunk: [{ id: 9, minID: 20, maxID: 21 }] }, port: ["9", "20", "21"] },
    "trunk whose entries overlap": {
      conf: { vlanTrunk: [{ minID: 10, maxID: 12 }, { id: 11 }, { minID: 12, maxID: 13 }, { id: 15 }] },
      port: ["10", "11", "12", "13", "15"],
    },
    "trunk and the default": { conf: { vlanTrunk: [{ id: 5 }], preserveDefaultVlan: true }, port: [byDefault, "5"] },
    "trunk beside vlan": {
      conf: { vlan: 100, vlanTrunk: [{ minID: 101, maxID: 102 }] },
      port: [access(100), "101", "102"],
    },
    "trunk around vlan": {
      conf: { vlan: 100, vlanTrunk: [{ minID: 99, maxID: 101 }] },
      port: ["99", access(100), "101"],
    },
    "a bridge with another default VLAN": {
      conf: { vlan: 100 },
      before: "ip link add br0 type bridge vlan_filtering 1 vlan_default_pvid 7",
      port: [access(100)],
    },
    "a bridge without a default VLAN": {
      conf: { vlan: 100 },
      before: "ip link add br0 type bridge vlan_filtering 1 vlan_default_pvid 0",
      port: [access(100)],
    },
    "no VLAN, on a bridge that filters": {
      conf: {},
      before: "ip link add br0 type bridge vlan_filtering 1",
      port: [byDefault],
    },
  };
  for (const [name, { conf, port, before }] of Object.entries(cases))
    test(name, () =>
      withStage(async (s) => {
        if (before) s.host.sh(before);
        const pod = s.pod();
        const full = config(s, conf);
        const added = await add(s, full, pod);
        expect(vlans(s.host)[hostEnd(added)]).toEqual(port);
        expect(s.host.ip("-d -j link show br0")).toContain('"vlan_filtering":1');
        expect(await s.call("CHECK", { ...full, prevResult: added.json }, { pod })).toMatchObject({ exit: 0 });
        expect(await s.call("DEL", full, { pod })).toMatchObject({ exit: 0 });
        expect(Object.keys(vlans(s.host))).not.toContain(hostEnd(added));
      }),
    );
});

test("pods of one VLAN reach each other, pods of two do not", () =>
  withStage(async (s) => {
    const [a, b, other] = [s.pod(), s.pod(), s.pod()];
    await add(s, config(s, { vlan: 100 }), a, "a");
    await add(s, config(s, { vlan: 100 }), b, "b");
    await add(s, config(s, { vlan: 200 }), other, "other");
    expect(reaches(a, "10.1.2.3")).toBe(true);
    expect(reaches(a, "10.1.2.4")).toBe(false);
    expect(reaches(other, "10.1.2.2")).toBe(false);
  }));

test("a trunk's tagged frames reach the pods of that VLAN", () =>
  withStage(async (s) => {
    const [router, web] = [s.pod(), s.pod()];
    await add(s, config(s, { vlanTrunk: [{ minID: 99, maxID: 100 }] }), router, "router");
    await add(s, config(s, { vlan: 100 }), web, "web");
    router.sh(`
      ip link add link eth0 name eth0.100 type vlan id 100
      ip addr flush dev eth0 scope global
      ip addr add 10.1.2.200/24 dev eth0.100
      ip link set eth0.100 up`);
    expect(reaches(router, "10.1.2.3")).toBe(true);
  }));

describe("CHECK names the VLAN that is broken", () => {
  const breaks: Record<string, string> = {
    "the access VLAN is gone": "bridge vlan del dev $port vid 100",
    "the access VLAN is no PVID": "bridge vlan add dev $port vid 100 untagged",
    "the access VLAN leaves tagged": "bridge vlan add dev $port vid 100 pvid",
    "a trunk's VLAN is gone": "bridge vlan del dev $port vid 201",
    "a trunk's VLAN leaves untagged": "bridge vlan add dev $port vid 201 untagged",
    "a trunk's VLAN is the PVID": "bridge vlan add dev $port vid 201 pvid",
    "the default VLAN is back": "bridge vlan add dev $port vid 1",
    "a VLAN too many": "bridge vlan add dev $port vid 300",
  };
  test("each of them, and nothing once it is mended", () =>
    withStage(async (s) => {
      const pod = s.pod();
      const conf = config(s, { vlan: 100, vlanTrunk: [{ minID: 200, maxID: 202 }] });
      const added = await add(s, conf, pod);
      const port = hostEnd(added);
      const check = () => s.call("CHECK", { ...conf, prevResult: added.json }, { pod });
      const mend = `bridge vlan del dev ${port} vid 1-4094
        bridge vlan add dev ${port} vid 100 pvid untagged; bridge vlan add dev ${port} vid 200-202`;
      for (const [name, line] of Object.entries(breaks)) {
        s.host.sh(line.replace("$port", port));
        const { exit, json } = await check();
        expect({ name, exit, told: `${json.msg} ${json.details}` }).toEqual({
          name,
          exit: 1,
          told: expect.stringContaining(`VLANs of ${port}`) as unknown as string,
        });
        s.host.sh(mend);
        expect({ name, exit: (await check()).exit }).toEqual({ name, exit: 0 });
      }
    }));

  test("a gateway that left its VLAN", () =>
    withStage(async (s) => {
      const pod = s.pod();
      const conf = config(s, { vlan: 100, isGateway: true });
      const added = await add(s, conf, pod);
      const [port] = Object.keys(vlans(s.host)).filter((name) => name !== "br0" && name !== hostEnd(added));
      s.host.sh(`bridge vlan del dev ${port} vid 100`);
      expect(await s.call("CHECK", { ...conf, prevResult: added.json }, { pod })).toMatchObject({ exit: 1 });
    }));
});

describe("what cannot be leaves everything as it was", () => {
  const look = (s: Stage) => [snapshot(s.host), vlans(s.host), s.store()];

  test("a bridge that does not filter is refused with the line that makes it filter", () =>
    withStage(async (s) => {
      s.host.sh("ip link add br0 type bridge; ip link set br0 up");
      const before = look(s);
      const { exit, json } = await s.call("ADD", config(s, { vlan: 100 }), { pod: s.pod() });
      expect(exit).toBe(1);
      expect(String(json.details)).toContain("ip link set dev br0 type bridge vlan_filtering 1");
      expect(look(s)).toEqual(before);
    }));

  test("an IPAM plugin without an address takes port, VLANs and gateway back", () =>
    withStage(async (s) => {
      const one = [[{ subnet: "10.1.2.0/24", rangeStart: "10.1.2.9", rangeEnd: "10.1.2.9" }]];
      const conf = config(s, {
        vlan: 100,
        isGateway: true,
        ipam: { type: "host-local", dataDir: s.dataDir, ranges: one },
      });
      await add(s, conf, s.pod(), "first");
      const before = look(s);
      expect(await s.call("ADD", conf, { pod: s.pod(), containerId: "second" })).toMatchObject({ exit: 1 });
      expect(look(s)).toEqual(before);
    }));
});

/** The reference's release here knows `vlan` alone, and always keeps the default VLAN. */
describe("the reference's bridge and ours leave the same VLANs", () => {
  const cases: Record<string, JsonObject> = {
    vlan: { vlan: 100 },
    "vlan with a gateway": { vlan: 100, isGateway: true },
    "vlan with a default gateway": { vlan: 4094, isDefaultGateway: true },
    "no vlan": { isGateway: true },
  };
  /** After ADD: what `ip` and `bridge` say of the host, names of veths left out, and of the pod. */
  const play = async (conf: JsonObject, who: "ours" | "theirs"): Promise<unknown> => {
    let seen: unknown;
    await withStage(async (s) => {
      const pod = s.pod();
      const full = config(s, conf);
      const added = who === "ours" ? await s.call("ADD", full, { pod }) : s.reference("ADD", full, { pod });
      expect(added).toMatchObject({ exit: 0 });
      const told = Object.entries(vlans(s.host)).map(([name, of]) => [name.replace(/^veth.*/, "veth"), ...of]);
      seen = { host: snapshot(s.host), pod: snapshot(pod), vlans: told.map((row) => row.join(" | ")).sort() };
    });
    return seen;
  };
  for (const [name, conf] of Object.entries(cases))
    test(name, async () => {
      expect(await play({ ...conf, preserveDefaultVlan: true }, "ours")).toEqual(await play(conf, "theirs"));
    });
});
