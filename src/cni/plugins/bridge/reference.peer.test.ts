/** The reference's bridge and ours, given the same config: what `ip` shows of host and pod has to be the same. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Case, ours, play, theirs } from "../../testing/play.ts";
import { referenceDir } from "../../testing/stage.ts";

// Each test starts dozens of processes: on a busy machine that is slow, not wrong.
setDefaultTimeout(60_000);

const base = { type: "bridge", bridge: "br0" };
const v4 = { ranges: [[{ subnet: "10.1.2.0/24" }]] };
const v6 = { ranges: [[{ subnet: "fd00:1::/64" }]] };
const dual = { ranges: [...v4.ranges, ...v6.ranges] };
const gateway = { isGateway: true };
const defaultGateway = { isDefaultGateway: true };
const mac = "02:42:ac:11:00:02";
const bridged = (address: string): string =>
  `ip link add br0 type bridge; ip link set br0 up; ip addr add ${address} dev br0`;

const cases: Record<string, Case> = {
  "IPv4, no gateway": { ipam: v4 },
  "IPv4, gateway": { ipam: v4, conf: gateway },
  "IPv4, default gateway": { ipam: v4, conf: defaultGateway },
  "IPv6, no gateway": { ipam: v6 },
  "IPv6, gateway": { ipam: v6, conf: gateway },
  "IPv6, default gateway": { ipam: v6, conf: defaultGateway },
  "dual stack, default gateway": { ipam: dual, conf: defaultGateway },
  "IPv6 with duplicate address detection": { ipam: v6, conf: { ...defaultGateway, enabledad: true } },
  hairpin: { ipam: v4, conf: { ...gateway, hairpinMode: true } },
  "promiscuous bridge": { ipam: v4, conf: { ...gateway, promiscMode: true } },
  "MTU 1400": { ipam: v4, conf: { ...gateway, mtu: 1400 } },
  "MTU 9000": { ipam: v4, conf: { mtu: 9000 } },
  "MAC by runtimeConfig, over args": {
    ipam: v4,
    conf: { runtimeConfig: { mac }, args: { cni: { mac: "02:42:ac:11:00:03" } } },
  },
  "MAC by args, over CNI_ARGS": {
    ipam: v4,
    conf: { args: { cni: { mac } } },
    call: { args: "IgnoreUnknown=1;MAC=02:42:ac:11:00:04" },
  },
  "MAC by CNI_ARGS": { ipam: v4, call: { args: `IgnoreUnknown=1;MAC=${mac};K8S_POD_NAME=web` } },
  "layer 2": { ipam: null },
  "layer 2, empty ipam": { conf: { ipam: {} }, ipam: null },
  "routes, gateway left out": {
    ipam: { ...dual, routes: [{ dst: "0.0.0.0/0" }, { dst: "fd99::/32" }] },
    conf: gateway,
    theirCheck: "it looks for the route without its gateway",
  },
  "routes by another gateway": {
    ipam: {
      ...v4,
      routes: [
        { dst: "192.168.0.0/16", gw: "10.1.2.77" },
        { dst: "192.168.9.0/24", gw: "10.1.2.78" },
      ],
    },
  },
  "a default route with a gateway of its own": {
    ipam: { ...v4, routes: [{ dst: "0.0.0.0/0", gw: "10.1.2.99" }] },
    conf: defaultGateway,
  },
  "a gateway in the middle of the range": {
    ipam: { ranges: [[{ subnet: "10.1.2.0/24", gateway: "10.1.2.100" }]] },
    conf: defaultGateway,
  },
  "DNS of the config": { ipam: v4, conf: { dns: { nameservers: ["10.9.9.9"], search: ["pod.test"] } } },
  "a bridge that is there": { ipam: v4, conf: defaultGateway, before: bridged("10.1.2.1/24") },
  "a bridge that is there and down": { ipam: v4, before: "ip link add br0 type bridge" },
  "another address, forced away": {
    ipam: v4,
    conf: { ...gateway, forceAddress: true },
    before: bridged("10.7.7.1/24"),
  },
  "IPv6 beside another subnet": { ipam: v6, conf: gateway, before: bridged("fd00:7::1/64") },
  "CNI 0.2.0": { ipam: v4, conf: { ...defaultGateway, cniVersion: "0.2.0" } },
  "CNI 0.3.1": { ipam: dual, conf: { ...defaultGateway, cniVersion: "0.3.1" } },
  "CNI 0.4.0": { ipam: dual, conf: { ...defaultGateway, cniVersion: "0.4.0" } },
};

/** Our host-local as a program, from source: the reference's bridge executes it. */
const withOwnHostLocal = async (act: (dir: string) => Promise<void>): Promise<void> => {
  const dir = mkdtempSync(join(tmpdir(), "podwire-path-"));
  const main = join(import.meta.dirname, "../../../app/main.ts");
  const script = `#!/bin/bash\nexec -a host-local ${process.execPath} ${main}\n`;
  try {
    writeFileSync(join(dir, "host-local"), script, { mode: 0o755 });
    await act(dir);
  } finally {
    rmSync(dir, { recursive: true });
  }
};

const mixed = ["IPv4, default gateway", "dual stack, default gateway", "routes by another gateway", "CNI 0.2.0"];

describe("bridge and host-local of different makers work together", () => {
  for (const name of mixed) {
    const c = cases[name]!;
    test(`our bridge, the reference's host-local: ${name}`, async () => {
      expect(await play(base, c, ours, { foreign: true })).toEqual(await play(base, c, theirs));
    });
    test(`the reference's bridge, our host-local: ${name}`, () =>
      withOwnHostLocal(async (dir) => {
        const call = { ...c.call, path: `${dir}:${referenceDir}` };
        expect(await play(base, { ...c, call }, theirs)).toEqual(await play(base, c, theirs));
      }));
  }
});

describe("the reference's bridge and ours leave the same behind", () => {
  for (const [name, c] of Object.entries(cases))
    test(name, async () => {
      expect(await play(base, c, ours)).toEqual(await play(base, c, theirs));
    });
});
