/** The reference's host-device and ours, given the same config: what `ip` shows of host and pod has to be the same. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import type { JsonObject } from "../../../base/json-types.ts";
import { snapshot } from "../../testing/snapshot.ts";
import { type Answer, type Stage, withStage } from "../../testing/stage.ts";
import { makeDevice } from "./testing/conf.ts";
import { physicalKernel } from "./testing/physical.ts";

// Each test starts dozens of processes: on a busy machine that is slow, not wrong.
setDefaultTimeout(60_000);

interface Case {
  readonly conf?: JsonObject;
  /** Keys of `ipam` besides the store; null is no IPAM. */
  readonly ipam?: JsonObject | null;
  /** Lines of sh, run in the host before. */
  readonly before?: string;
}

const v4 = { ranges: [[{ subnet: "10.1.2.0/24" }]] };
const v6 = { ranges: [[{ subnet: "fd00:1::/64" }]] };
const dual = { ranges: [...v4.ranges, ...v6.ranges] };

const cases: Record<string, Case> = {
  IPv4: { ipam: v4 },
  IPv6: { ipam: v6 },
  "dual stack, by MAC": { ipam: dual, conf: { device: "", hwaddr: "02:00:00:00:00:05" } },
  "routes by gateways of their own": {
    ipam: {
      ...dual,
      routes: [
        { dst: "192.168.0.0/16", gw: "10.1.2.77" },
        { dst: "fd99::/32", gw: "fd00:1::9" },
      ],
    },
  },
  "layer 2": { ipam: null },
  "layer 2, empty ipam": { ipam: null, conf: { ipam: {} } },
  "a device that is down": { ipam: v4, before: "ip link set ens3 down" },
  "a macvlan": { ipam: v4, conf: { device: "mv9" }, before: "ip link add mv9 link ens3 type macvlan" },
  "device goes before hwaddr": {
    ipam: v4,
    conf: { device: "mv9", hwaddr: "02:00:00:00:00:05" },
    before: "ip link add mv9 link ens3 type macvlan",
  },
  "DNS of the config": { ipam: v4, conf: { dns: { nameservers: ["10.9.9.9"], search: ["pod.test"] } } },
  "CNI 0.2.0": { ipam: v4, conf: { cniVersion: "0.2.0" } },
  "CNI 0.3.1": { ipam: dual, conf: { cniVersion: "0.3.1" } },
  "CNI 0.4.0": { ipam: dual, conf: { cniVersion: "0.4.0" } },
};

const config = (s: Stage, c: Case): JsonObject => ({
  cniVersion: "1.0.0",
  name: "net1",
  type: "host-device",
  device: "ens3",
  dataDir: `${s.dataDir}/devices`,
  ...(c.ipam !== null && { ipam: { type: "host-local", dataDir: s.dataDir, ...c.ipam } }),
  ...c.conf,
});

/** The MAC of a macvlan is of chance. */
const told = (a: Answer, podPath: string): unknown => {
  const text = JSON.stringify(a.json).replaceAll(podPath, "POD");
  const json = JSON.parse(text.replace(/(?:[\da-f]{2}:){5}[\da-f]{2}/g, (m) => (m.startsWith("02:00:00") ? m : "MAC")));
  // Older libraries write an empty `dns` in 1.0.0 too.
  return json.cniVersion === "1.0.0" && JSON.stringify(json.dns) === "{}" ? { ...json, dns: undefined } : json;
};

type Who = "ours" | "theirs";
const ask = (s: Stage, who: Who): Stage["call"] =>
  who === "ours" ? s.call : async (verb, conf, call) => s.reference(verb, conf, call);

/** ADD, CHECK, DEL, and what was to be seen after each. The reference leaves a device down and without its addresses. */
const play = async (c: Case, who: Who): Promise<unknown[]> => {
  const seen: unknown[] = [];
  await withStage(async (s) => {
    makeDevice(s.host);
    if (c.before) s.host.sh(c.before);
    const pod = s.pod();
    const conf = config(s, c);
    const call = ask(s, who);
    const added = await call("ADD", conf, { pod });
    expect(added).toMatchObject({ exit: 0 });
    seen.push(told(added, pod.path), snapshot(s.host), snapshot(pod), s.store());
    if (!/^0\.[123]/.test(String(conf.cniVersion)))
      expect(await call("CHECK", { ...conf, prevResult: added.json }, { pod })).toMatchObject({ exit: 0 });
    expect(await call("DEL", conf, { pod })).toMatchObject({ exit: 0 });
    seen.push(
      snapshot(pod),
      s.store(),
      s.host.ipJson<{ ifname: string }>("link").map((l) => l.ifname),
    );
  });
  return seen;
};

describe("the reference's host-device and ours do the same", () => {
  for (const [name, c] of Object.entries(cases))
    test(name, async () => {
      expect(await play(c, "ours")).toEqual(await play(c, "theirs"));
    });
});

test("a physical device that the reference moved is checked, and brought back, by us after an upgrade", () =>
  withStage(async (s) => {
    makeDevice(s.host);
    const pod = s.pod();
    const conf = config(s, { ipam: dual });
    const kernel = physicalKernel(s.kernel);
    const { json } = s.reference("ADD", conf, { pod });
    expect(await s.call("CHECK", { ...conf, prevResult: json }, { pod }, kernel)).toMatchObject({ exit: 0 });
    for (const _ of [1, 2])
      expect(await s.call("DEL", conf, { pod }, kernel)).toEqual({ exit: 0, json: {}, stderr: "" });
    const [link] = s.host.ipJson<{ ifalias?: string; mtu: number }>("link show ens3");
    expect({ mtu: link?.mtu, alias: link?.ifalias, store: s.store() }).toEqual({
      mtu: 1400,
      alias: undefined,
      store: {},
    });
  }));
