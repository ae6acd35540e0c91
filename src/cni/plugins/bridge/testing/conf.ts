/** Configs for bridge's tests. */
import type { JsonObject } from "../../../../base/json-types.ts";
import type { Stage } from "../../../testing/stage.ts";

/** A bridge `br0` with host-local over the stage's store; `ranges` empty is layer 2. */
export const bridgeConf = (
  s: Stage,
  more: JsonObject = {},
  ranges: readonly string[] = ["10.1.2.0/24"],
  ipam: JsonObject = {},
): JsonObject => ({
  cniVersion: "1.1.0",
  name: "net1",
  type: "bridge",
  bridge: "br0",
  ...(ranges.length > 0 && {
    ipam: { type: "host-local", dataDir: s.dataDir, ranges: ranges.map((subnet) => [{ subnet }]), ...ipam },
  }),
  ...more,
});
export const dual = ["10.1.2.0/24", "fd00:1::/64"] as const;
