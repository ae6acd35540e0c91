/** I5: cloud-init without a data source. */
import type { LabFault } from "../break/fault.ts";

export const instanceIdFault: LabFault = {
  name: "instance-id",
  title: "cloud-init takes the machine for any other",
  hint: "what does cloud-init query instance_id say?",
  foundBy: ["I5"],
  break: () => ({
    files: [{ path: "/var/lib/cloud/data/instance-id", to: { text: "iid-datasource-none\n" } }],
  }),
};
