/** I4: what one node can tell of its machine-id (machine-id(5)); whether other nodes have it too is B1's. */
import type { Check, Finding } from "../check.ts";
import { ok } from "../finding.ts";

const path = "/etc/machine-id";
const dbusPath = "/var/lib/dbus/machine-id";

const renew = {
  // D-Bus' own, where it is a file, would be taken over again.
  command: `rm -f ${path} ${dbusPath} && systemd-machine-id-setup && mkdir -p /var/lib/dbus && ln -s ${path} ${dbusPath}`,
  survivesReboot: true,
};

export const machineIdCheck: Check = {
  id: "I4",
  name: "machine-id",
  area: "identity",
  severity: "fail",
  title: "the machine has a machine-id",
  why: "DHCP leases, MAC addresses of virtual links and kubelet's view of the node come from it: without it, or with another's, they clash",
  run: (host): readonly Finding[] => {
    const id = host.read(path)?.trim();
    if (id === undefined || id === "")
      return [
        {
          outcome: "fail",
          subject: path,
          seen: id === undefined ? "missing" : "empty",
          want: "32 hexadecimal digits",
          fix: { ...renew, command: "systemd-machine-id-setup" },
        },
      ];
    if (id === "uninitialized")
      return [
        {
          outcome: "warn",
          subject: path,
          seen: "uninitialized: it is made at the first boot",
          want: "32 hexadecimal digits",
          fix: { command: "reboot", survivesReboot: true },
        },
      ];
    if (!/^[0-9a-f]{32}$/.test(id) || /^0+$/.test(id))
      return [
        { outcome: "fail", subject: path, seen: id.slice(0, 40), want: "32 hexadecimal digits, not all 0", fix: renew },
      ];
    const dbus = host.read(dbusPath)?.trim();
    if (dbus !== undefined && dbus !== "" && dbus !== id)
      return [
        {
          outcome: "warn",
          subject: dbusPath,
          seen: `${dbus}, but ${path} has ${id}`,
          want: "the same in both: an old one is left of the machine that this one was copied from",
          fix: {
            command: `ln -sf ${path} ${dbusPath}`,
            undo: `rm ${dbusPath} && echo ${dbus} > ${dbusPath}`,
            survivesReboot: true,
          },
        },
      ];
    return [ok(id)];
  },
};
