/** M3: what most distributions come with. */
import type { LabFault } from "../break/fault.ts";

export const inotifyFewFault: LabFault = {
  name: "inotify-few",
  title: "few files can be watched",
  hint: "agents say 'too many open files', and few are open: what else is counted for each user?",
  foundBy: ["M3"],
  break: () => ({ files: [{ path: "/proc/sys/fs/inotify/max_user_instances", to: { text: "128\n" } }] }),
};
