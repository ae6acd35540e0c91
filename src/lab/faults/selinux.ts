/** S1: SELinux has refused to start a plugin. */
import type { LabFault } from "../break/fault.ts";

const refused =
  'type=AVC msg=audit(1764338400.123:456): avc:  denied  { execute } for  pid=4242 comm="containerd" name="bridge"' +
  ' path="/opt/cni/bin/bridge" dev="sda1" ino=42 scontext=system_u:system_r:container_runtime_t:s0' +
  " tcontext=unconfined_u:object_r:user_home_t:s0 tclass=file permissive=0\n";

export const selinuxFault: LabFault = {
  name: "selinux",
  title: "SELinux does not let plugins start",
  hint: "'permission denied' for root, and ls -l shows nothing wrong: what does ls -Z show, and the audit log?",
  foundBy: ["S1"],
  break: () => ({
    files: [
      { path: "/sys/fs/selinux/enforce", to: { text: "1" } },
      { path: "/var/log/audit/audit.log", to: { text: refused } },
    ],
  }),
};
