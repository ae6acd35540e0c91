/** I4: a template that was sealed too well. */
import type { LabFault } from "../break/fault.ts";

export const machineIdFault: LabFault = {
  name: "machine-id",
  title: "the machine-id is gone",
  hint: "which file does systemd make a machine known by?",
  foundBy: ["I4"],
  break: () => ({
    files: [{ path: "/etc/machine-id", to: "gone" }],
  }),
};
