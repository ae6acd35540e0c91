/** Configs for ptp's tests. */
import type { JsonObject } from "../../../../base/json-types.ts";
import type { Stage } from "../../../testing/stage.ts";

export const dual = ["10.1.2.0/24", "fd00:1::/64"] as const;

/** With host-local over the stage's store. */
export const ptpConf = (
  s: Stage,
  more: JsonObject = {},
  ranges: readonly string[] = dual,
  ipam: JsonObject = {},
): JsonObject => ({
  cniVersion: "1.1.0",
  name: "net1",
  type: "ptp",
  ipam: { type: "host-local", dataDir: s.dataDir, ranges: ranges.map((subnet) => [{ subnet }]), ...ipam },
  ...more,
});

/** Default routes by the gateway, as clusters have them. */
export const defaults: JsonObject = { routes: [{ dst: "0.0.0.0/0" }, { dst: "::/0" }] };
