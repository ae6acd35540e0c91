/** The reference's macvlan and ours, given the same config: what `ip` shows of host and pod has to be the same. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { cable } from "../../attach/child/testing/stage.ts";
import { type Case, ours, play, theirs } from "../../testing/play.ts";

// Each test starts dozens of processes: on a busy machine that is slow, not wrong.
setDefaultTimeout(60_000);

const v4 = { ranges: [[{ subnet: "10.1.2.0/24" }]] };
const v6 = { ranges: [[{ subnet: "fd00:1::/64" }]] };
const dual = { ranges: [...v4.ranges, ...v6.ranges] };
const mac = "02:42:ac:11:00:02";

const cases: Record<string, Case> = {
  IPv4: { ipam: v4 },
  IPv6: { ipam: v6 },
  "both families": { ipam: dual },
  "layer 2": { ipam: null },
  "layer 2, empty ipam": { conf: { ipam: {} }, ipam: null },
  "mode private": { ipam: v4, conf: { mode: "private" } },
  "mode vepa": { ipam: v4, conf: { mode: "vepa" } },
  "mode passthru": { ipam: v4, conf: { mode: "passthru" } },
  "MTU 1400": { ipam: v4, conf: { mtu: 1400 } },
  "the master's MTU": { ipam: v4, before: `${cable}; ip link set up0 mtu 1300` },
  "the link of the default route": {
    ipam: v4,
    conf: { master: "" },
    before: `${cable}; ip addr add 192.0.2.1/24 dev up0; ip route add default via 192.0.2.2`,
  },
  "MAC by config": { ipam: v4, conf: { mac } },
  "MAC by CNI_ARGS, over config": {
    ipam: v4,
    conf: { mac: "02:42:ac:11:00:04" },
    call: { args: `IgnoreUnknown=1;MAC=${mac};K8S_POD_NAME=web` },
  },
  "MAC by runtimeConfig, over all": {
    ipam: v4,
    conf: { runtimeConfig: { mac }, mac: "02:42:ac:11:00:04" },
    call: { args: "IgnoreUnknown=1;MAC=02:42:ac:11:00:05" },
  },
  "routes by the gateway": {
    ipam: { ...dual, routes: [{ dst: "0.0.0.0/0" }, { dst: "::/0" }] },
    theirCheck: "it looks for the route without its gateway",
  },
  "routes by another address of the subnet": {
    ipam: { ...v4, routes: [{ dst: "192.168.0.0/16", gw: "10.1.2.77" }] },
  },
  "DNS of the config": { ipam: v4, conf: { dns: { nameservers: ["10.9.9.9"], search: ["pod.test"] } } },
  "CNI 0.2.0": { ipam: dual, conf: { cniVersion: "0.2.0" } },
  "CNI 0.3.1": { ipam: dual, conf: { cniVersion: "0.3.1" } },
  "CNI 0.4.0": { ipam: dual, conf: { cniVersion: "0.4.0" } },
};

describe("the reference's macvlan and ours leave the same behind", () => {
  const base = { type: "macvlan", master: "up0" };
  for (const [name, c] of Object.entries(cases))
    test(name, async () => {
      const played = { before: cable, ...c };
      expect(await play(base, played, ours)).toEqual(await play(base, played, theirs));
    });
});
