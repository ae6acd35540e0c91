/** M2: the table of neighbours as kernels come, made smaller. */
import type { LabFault } from "../break/fault.ts";

const names = ["ipv4", "ipv6"] as const;

export const neighboursFewFault: LabFault = {
  name: "neighbours-few",
  title: "the table of neighbours is small",
  hint: "with all pods up some are not found, and ip neigh is as long as it may be: how long is that?",
  foundBy: ["M2"],
  break: () => ({
    files: names.map((v) => ({ path: `/proc/sys/net/${v}/neigh/default/gc_thresh3`, to: { text: "128\n" } })),
  }),
};
