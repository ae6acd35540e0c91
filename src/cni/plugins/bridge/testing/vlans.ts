/** What tests of VLANs share: configs, `bridge vlan` as the judge, and whether one end reaches another. */
import { expect } from "bun:test";
import type { JsonObject } from "../../../../base/json-types.ts";
import type { TestNetns } from "../../../../kernel/testing/netns.ts";
import { tryRun } from "../../../../kernel/testing/run.ts";
import type { Answer, Stage } from "../../../testing/stage.ts";
import { bridgeConf } from "./conf.ts";

/** In the newest version that the reference here speaks. */
export const config = (s: Stage, more: JsonObject): JsonObject => bridgeConf(s, { cniVersion: "1.0.0", ...more });

interface VlanRow {
  readonly ifname: string;
  readonly vlans: readonly { vlan: number; vlanEnd?: number; flags?: string[] }[];
}

/** `bridge vlan` of every link, each VLAN by itself: `5 PVID Egress Untagged`. */
export const vlans = (host: TestNetns): Record<string, string[]> =>
  Object.fromEntries(
    host
      .bridgeJson<VlanRow>("vlan show")
      .map((row) => [
        row.ifname,
        row.vlans.flatMap((v) =>
          Array.from({ length: (v.vlanEnd ?? v.vlan) - v.vlan + 1 }, (_, i) =>
            [v.vlan + i, ...(v.flags ?? [])].join(" "),
          ),
        ),
      ]),
  );
export const byDefault = "1 PVID Egress Untagged";
export const access = (vid: number): string => `${vid} PVID Egress Untagged`;

export const interfaceNames = (added: Answer): string[] =>
  (added.json.interfaces as { name: string }[]).map((i) => i.name);
export const hostEnd = (added: Answer): string => interfaceNames(added)[1] ?? "";

export const add = async (s: Stage, conf: JsonObject, pod: TestNetns, containerId = "pod1"): Promise<Answer> => {
  const added = await s.call("ADD", conf, { pod, containerId });
  expect(added).toMatchObject({ exit: 0 });
  return added;
};

/** A TCP connect to a port that nobody listens on: refused means that the other end was reached, else it was not. */
export const reaches = (from: TestNetns, address: string): boolean => {
  // Without loopback the kernel cannot tell the caller that nobody answered ARP.
  const connect = `ip link set lo up; exec 3<>/dev/tcp/${address}/9`;
  const { stderr } = tryRun(["nsenter", `--net=${from.path}`, "bash", "-c", connect], { env: { LC_ALL: "C" } });
  if (/refused/.test(stderr)) return true;
  expect(stderr).toMatch(/No route to host/);
  return false;
};
