/** K4: what an installer sets up. */
import type { LabFault } from "../break/fault.ts";

const head = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n";

export const swapFault: LabFault = {
  name: "swap",
  title: "swap is on",
  hint: "kubelet ends as soon as it has started: what does free say below memory?",
  foundBy: ["K4"],
  break: () => ({
    files: [
      {
        path: "/proc/swaps",
        to: { text: `${head}/dev/sda2                               partition\t2097148\t\t0\t\t-2\n` },
      },
    ],
  }),
};
