/** The reference's ptp and ours, given the same config: what `ip` shows of host and pod has to be the same. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { type Case, ours, play, theirs } from "../../testing/play.ts";

// Each test starts dozens of processes: on a busy machine that is slow, not wrong.
setDefaultTimeout(60_000);

const v4 = { ranges: [[{ subnet: "10.1.2.0/24" }]] };
const v6 = { ranges: [[{ subnet: "fd00:1::/64" }]] };
const dual = { ranges: [...v4.ranges, ...v6.ranges] };
const defaults = { routes: [{ dst: "0.0.0.0/0" }] };
const looksWithoutGateway = "it looks for the route without its gateway";

const cases: Record<string, Case> = {
  IPv4: { ipam: v4 },
  IPv6: { ipam: v6 },
  "both families": { ipam: dual },
  "default routes by the gateway": {
    ipam: { ...dual, routes: [{ dst: "0.0.0.0/0" }, { dst: "::/0" }] },
    theirCheck: looksWithoutGateway,
  },
  "a default route that names the gateway": { ipam: { ...v4, routes: [{ dst: "0.0.0.0/0", gw: "10.1.2.1" }] } },
  "routes by another address of the subnet": {
    ipam: {
      ...dual,
      routes: [
        { dst: "192.168.0.0/16", gw: "10.1.2.77" },
        { dst: "fd99::/32", gw: "fd00:1::77" },
      ],
    },
  },
  "a gateway in the middle of the range": {
    ipam: { ranges: [[{ subnet: "10.1.2.0/24", gateway: "10.1.2.100" }]], ...defaults },
    theirCheck: looksWithoutGateway,
  },
  "MTU 1400": { ipam: dual, conf: { mtu: 1400 } },
  "MTU 9000": { ipam: v4, conf: { mtu: 9000 } },
  "DNS of the config": { ipam: v4, conf: { dns: { nameservers: ["10.9.9.9"], search: ["pod.test"] } } },
  "a host that forwards already": { ipam: v4, before: "sysctl -qw net.ipv4.ip_forward=1" },
  "CNI 0.1.0": { ipam: v4, conf: { cniVersion: "0.1.0" } },
  "CNI 0.2.0": { ipam: dual, conf: { cniVersion: "0.2.0" } },
  "CNI 0.3.1": { ipam: dual, conf: { cniVersion: "0.3.1" } },
  "CNI 0.4.0": { ipam: dual, conf: { cniVersion: "0.4.0" } },
};

describe("the reference's ptp and ours leave the same behind", () => {
  for (const [name, c] of Object.entries(cases))
    test(name, async () => {
      expect(await play({ type: "ptp" }, c, ours)).toEqual(await play({ type: "ptp" }, c, theirs));
    });
});
