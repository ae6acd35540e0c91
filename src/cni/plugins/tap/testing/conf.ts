/** Configs for tap's tests. */
import type { JsonObject } from "../../../../base/json-types.ts";
import type { Stage } from "../../../testing/stage.ts";

export const dual = ["10.1.2.0/24", "fd00:1::/64"] as const;

/** With host-local over the stage's store; `ranges` empty is layer 2. */
export const tapConf = (s: Stage, more: JsonObject = {}, ranges: readonly string[] = dual): JsonObject => ({
  cniVersion: "1.1.0",
  name: "net1",
  type: "tap",
  ...(ranges.length > 0 && {
    ipam: {
      type: "host-local",
      dataDir: s.dataDir,
      ranges: ranges.map((subnet) => [{ subnet }]),
      routes: [{ dst: "0.0.0.0/0" }, { dst: "::/0" }],
    },
  }),
  ...more,
});
