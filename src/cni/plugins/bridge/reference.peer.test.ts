/** The reference's bridge and ours, given the same config: what `ip` shows of host and pod has to be the same. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JsonObject } from "../../../base/json-types.ts";
import { snapshot } from "../../testing/snapshot.ts";
import { type Answer, type Call, referenceDir, type Stage, type StageOptions, withStage } from "../../testing/stage.ts";

// Each test starts dozens of processes: on a busy machine that is slow, not wrong.
setDefaultTimeout(60_000);

interface Case {
  readonly conf?: JsonObject;
  /** Keys of `ipam` besides the store; null is no IPAM. */
  readonly ipam?: JsonObject | null;
  readonly call?: Call;
  /** Lines of sh, run in the host before. */
  readonly before?: string;
  /** Why the reference's own CHECK fails. */
  readonly theirCheck?: string;
}

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

const config = (s: Stage, c: Case): JsonObject => ({
  cniVersion: "1.0.0",
  name: "net1",
  type: "bridge",
  bridge: "br0",
  ...(c.ipam !== null && { ipam: { type: "host-local", dataDir: s.dataDir, ...c.ipam } }),
  ...c.conf,
});

const hostSysctls = ["net/ipv4/ip_forward", "net/ipv6/conf/all/forwarding"];
const podSysctls = ["net/ipv6/conf/eth0/disable_ipv6", "net/ipv6/conf/lo/disable_ipv6"];

/** The result with what chance decided replaced. MACs that were asked for stay. */
const told = (a: Answer, podPath: string): unknown => {
  const text = JSON.stringify(a.json)
    .replaceAll(podPath, "POD")
    .replace(/veth[0-9a-f]{8}/g, "veth");
  const json = JSON.parse(text.replace(/(?:[\da-f]{2}:){5}[\da-f]{2}/g, (m) => (m === mac ? m : "MAC"))) as JsonObject;
  // Older libraries write an empty `dns` in 1.0.0 too.
  return json.cniVersion === "1.0.0" && JSON.stringify(json.dns) === "{}" ? { ...json, dns: undefined } : json;
};

type Ask = (verb: string, conf: JsonObject, call: Call) => Promise<Answer>;
interface Player {
  readonly ask: (s: Stage) => Ask;
  readonly checks: (c: Case) => boolean;
}
const ours: Player = { ask: (s) => s.call, checks: () => true };
/** The reference cannot CHECK without IPAM. */
const theirs: Player = {
  ask: (s) => async (verb, conf, call) => s.reference(verb, conf, call),
  checks: (c) => c.ipam !== null && !c.theirCheck,
};

/** ADD, CHECK, DEL by one of the two, and what was to be seen after each. */
const play = async (c: Case, player: Player, options: StageOptions = {}): Promise<unknown[]> => {
  const seen: unknown[] = [];
  await withStage(async (s) => {
    if (c.before) s.host.sh(c.before);
    const pod = s.pod();
    const conf = config(s, c);
    const call = { ...c.call, pod };
    const ask = player.ask(s);
    const look = (): unknown => ({
      host: snapshot(s.host, hostSysctls),
      pod: snapshot(pod, podSysctls),
      store: s.store(),
    });
    const added = await ask("ADD", conf, call);
    expect(added).toMatchObject({ exit: 0 });
    seen.push(told(added, pod.path), look());
    const podMac = pod.ipJson<{ address: string }>("link show eth0")[0]?.address;
    seen.push(JSON.stringify(c).includes(mac) ? podMac : undefined);
    if (player.checks(c) && !/^0\.[123]/.test(String(conf.cniVersion)))
      expect(await ask("CHECK", { ...conf, prevResult: added.json }, call)).toMatchObject({ exit: 0 });
    expect(await ask("DEL", conf, call)).toMatchObject({ exit: 0 });
    seen.push(snapshot(s.host, hostSysctls), s.store());
  }, options);
  return seen;
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
      expect(await play(c, ours, { foreign: true })).toEqual(await play(c, theirs));
    });
    test(`the reference's bridge, our host-local: ${name}`, () =>
      withOwnHostLocal(async (dir) => {
        const call = { ...c.call, path: `${dir}:${referenceDir}` };
        expect(await play({ ...c, call }, theirs)).toEqual(await play(c, theirs));
      }));
  }
});

describe("the reference's bridge and ours leave the same behind", () => {
  for (const [name, c] of Object.entries(cases))
    test(name, async () => {
      expect(await play(c, ours)).toEqual(await play(c, theirs));
    });
});
