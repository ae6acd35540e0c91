/** Configs and a host for host-device's tests: an end of a veth pair stands in for a device, since it has what one has. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { JsonObject } from "../../../../base/json-types.ts";
import { deleteNetns } from "../../../../kernel/os/netns.ts";
import type { TestNetns } from "../../../../kernel/testing/netns.ts";
import { snapshot } from "../../../../kernel/testing/snapshot.ts";
import type { Stage } from "../../../testing/stage.ts";

export const dual = ["10.1.2.0/24", "fd00:1::/64"] as const;

/** Where the stage's host keeps what its devices were. */
export const memoryDir = (s: Stage): string => join(s.dataDir, "devices");

/** The device `ens3`, with host-local over the stage's store; `ranges` empty is layer 2. */
export const deviceConf = (
  s: Stage,
  more: JsonObject = {},
  ranges: readonly string[] = ["10.1.2.0/24"],
  ipam: JsonObject = {},
): JsonObject => ({
  cniVersion: "1.1.0",
  name: "net1",
  type: "host-device",
  device: "ens3",
  dataDir: memoryDir(s),
  ...(ranges.length > 0 && {
    ipam: { type: "host-local", dataDir: s.dataDir, ranges: ranges.map((subnet) => [{ subnet }]), ...ipam },
  }),
  ...more,
});

/** ens3 as a host has it: named, addressed, routed by, up. Its other end, `wire`, keeps its carrier. */
export const makeDevice = (host: TestNetns, name = "ens3", net = 5): void => {
  host.sh(`
    sysctl -q -w net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.default.addr_gen_mode=1
    ip link add ${name} address 02:00:00:00:00:0${net} mtu 1400 type veth peer name wire${net}
    ip link set ${name} alias 'the uplink' group 7
    ip link set wire${net} up
    ip link set ${name} up
    ip address add 10.${net}.0.1/24 brd + dev ${name}
    ip address add 10.${net}.0.7/24 dev ${name}
    ip address add fd0${net}::1/64 dev ${name}
    ip route add 10.${net}7.0.0/16 via 10.${net}.0.9
    ip route add fd${net}7::/64 via fd0${net}::9 metric 7`);
};

/**
 * All that `ip` and `bridge` see of it, but for multicast, which is joined some time after an address is added, and queues,
 * which a device gets anew wherever it comes up.
 */
export const view = (ns: TestNetns): Record<string, unknown> => ({
  ...snapshot(ns),
  fdb: undefined,
  traffic: undefined,
});

/** Names of what is remembered, below the network's folder. */
export const remembered = (s: Stage): string[] => {
  try {
    return readdirSync(memoryDir(s), { recursive: true, encoding: "utf8" })
      .filter((name) => !name.includes(".lock") && statSync(join(memoryDir(s), name)).isFile())
      .sort();
  } catch {
    return [];
  }
};

export const linkNames = (ns: TestNetns): string[] => ns.ipJson<{ ifname: string }>("link").map((l) => l.ifname);

/** What is left of attachments beside their links. */
export const left = (s: Stage) => ({ store: s.store(), kept: remembered(s) });
export const nothing = { store: {}, kept: [] };

/** What the kernel does with a physical device when its namespace goes: to the host, down, name and alias kept. */
export const kernelBrings = (s: Stage, pod: TestNetns): void => {
  pod.sh(`ip link set eth0 netns ${s.host.path}`);
  s.kernel.forget(pod.path);
  deleteNetns(pod.path);
};
