/** A stage whose host has a link to hang others on: `up0`, with `far0` at the other end of its cable. */
import type { JsonObject } from "../../../../base/json-types.ts";
import { type Stage, withStage } from "../../../testing/stage.ts";
import type { ChildKind } from "../config.ts";

export const cable = `ip link add up0 type veth peer name far0
ip link set up0 up; ip link set far0 up`;

export const withMaster = (act: (s: Stage) => Promise<void>): Promise<void> =>
  withStage(async (s) => {
    s.host.sh(cable);
    await act(s);
  });

/** A config with host-local over the stage's store; `ranges` empty is none. */
export const childConf = (
  s: Stage,
  type: ChildKind,
  more: JsonObject = {},
  ranges: readonly string[] = ["10.1.2.0/24"],
  ipam: JsonObject = {},
): JsonObject => ({
  cniVersion: "1.1.0",
  name: "net1",
  type,
  ...(type !== "dummy" && { master: "up0" }),
  ...(ranges.length > 0 && {
    ipam: { type: "host-local", dataDir: s.dataDir, ranges: ranges.map((subnet) => [{ subnet }]), ...ipam },
  }),
  ...more,
});
export const dual = ["10.1.2.0/24", "fd00:1::/64"] as const;

export interface LinkRow {
  readonly ifname: string;
  readonly address: string;
  readonly mtu: number;
  readonly flags: readonly string[];
  readonly ifalias?: string;
  readonly link?: string;
  readonly linkinfo?: { readonly info_kind: string; readonly info_data?: JsonObject };
}
