/** K3: a Raspberry Pi as it comes, without memory in its control groups. */
import type { LabFault } from "../break/fault.ts";

export const cgroupsFault: LabFault = {
  name: "cgroups",
  title: "control groups have no memory",
  hint: "kubelet ends with 'failed to find memory cgroup': what is in cgroup.controllers?",
  foundBy: ["K3"],
  break: () => ({
    files: [
      {
        path: "/proc/self/mounts",
        to: { text: "cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid,nodev,noexec,relatime 0 0\n" },
      },
      { path: "/sys/fs/cgroup/cgroup.controllers", to: { text: "cpuset cpu io pids\n" } },
    ],
  }),
};
