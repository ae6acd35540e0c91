/** R5: systemd-networkd leaves routes and rules alone that it has not made. */
import type { Check, Finding } from "../check.ts";
import { ok } from "../finding.ts";
import type { Host } from "../host.ts";
import { isNo, lastIni, layeredFiles, systemdRoots } from "../reads/ini.ts";

const keys = ["ManageForeignRoutes", "ManageForeignRoutingPolicyRules"] as const;
const file = "/etc/systemd/networkd.conf.d/50-podwire.conf";

const look = (host: Host, paths: readonly string[], key: string): Finding => {
  const said = lastIni(host, paths, "Network", key);
  if (said && isNo(said.value)) return ok(`no, by ${said.path}`, key);
  return {
    outcome: "warn",
    subject: key,
    seen: said ? `${said.value}, by ${said.path}` : "yes, since nothing says otherwise",
    want: "no",
    fix: {
      command: `mkdir -p /etc/systemd/networkd.conf.d && printf '[Network]\\n${keys.map((k) => `${k}=no\\n`).join("")}' > ${file} && systemctl restart systemd-networkd`,
      undo: `rm ${file} && systemctl restart systemd-networkd`,
      survivesReboot: true,
    },
  };
};

export const networkdCheck: Check = {
  id: "R5",
  name: "networkd",
  area: "routing",
  severity: "warn",
  title: "systemd-networkd keeps its hands off others' routes",
  why: "pods' routes are gone when a link goes down and up, or after netplan apply",
  run: (host): readonly Finding[] => {
    if (!host.processes.some(({ name }) => name === "systemd-network")) return [];
    const paths = [
      "/usr/lib/systemd/networkd.conf",
      "/etc/systemd/networkd.conf",
      ...layeredFiles(host, systemdRoots, "networkd.conf.d", ".conf"),
    ];
    const found = keys.map((key) => look(host, paths, key));
    const bad = found.filter(({ outcome }) => outcome !== "ok");
    // One file mends both.
    return bad.length === 2 ? [{ ...bad[0]!, subject: keys.join(", ") }] : found;
  },
};
