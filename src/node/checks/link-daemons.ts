/** R8: others that configure links by themselves: nm-cloud-setup, dhcpcd. */
import type { Check, Finding } from "../check.ts";
import { ok } from "../finding.ts";
import type { Host } from "../host.ts";
import { matchesGlob } from "../reads/glob.ts";

const wantedBy = [
  "timers.target.wants/nm-cloud-setup.timer",
  "multi-user.target.wants/nm-cloud-setup.service",
  "NetworkManager.service.wants/nm-cloud-setup.service",
];

const cloudSetup = (host: Host): Finding[] => {
  const enabled = wantedBy.filter((unit) => {
    const [dir, name] = unit.split("/") as [string, string];
    return host.list(`/etc/systemd/system/${dir}`).includes(name);
  });
  if (enabled.length === 0) return [];
  return [
    {
      outcome: "warn",
      subject: "nm-cloud-setup",
      seen: "enabled",
      want: "disabled: its routing rules take pods' packets",
      fix: {
        command: "systemctl disable --now nm-cloud-setup.timer nm-cloud-setup.service",
        undo: "systemctl enable --now nm-cloud-setup.timer",
        survivesReboot: true,
      },
    },
  ];
};

const conf = "/etc/dhcpcd.conf";

const dhcpcd = (host: Host): Finding[] => {
  if (!host.processes.some(({ name }) => name === "dhcpcd")) return [];
  const words = (key: string): string[] =>
    [...(host.read(conf) ?? "").matchAll(new RegExp(`^\\s*${key}\\s+(.+)$`, "gm"))].flatMap(([, list]) =>
      list!.split(/[\s,]+/),
    );
  const pods = "veth0a1b2c3d";
  const allowed = words("allowinterfaces");
  const kept =
    words("denyinterfaces").some((g) => matchesGlob(g, pods)) ||
    (allowed.length > 0 && !allowed.some((g) => matchesGlob(g, pods)));
  if (kept) return [ok(`${conf} keeps it off veth*`, "dhcpcd")];
  return [
    {
      outcome: "warn",
      subject: "dhcpcd",
      seen: `${conf} does not keep it off veth*`,
      want: "denyinterfaces veth*",
      fix: {
        command: `echo 'denyinterfaces veth* cali* cni* flannel*' >> ${conf} && systemctl restart dhcpcd`,
        undo: `sed -i '/^denyinterfaces veth\\* cali/d' ${conf} && systemctl restart dhcpcd`,
        survivesReboot: true,
      },
    },
  ];
};

export const linkDaemonsCheck: Check = {
  id: "R8",
  name: "link-daemons",
  area: "routing",
  severity: "warn",
  title: "no DHCP client or cloud agent takes pods' links",
  why: "pods' links get an address from a DHCP server or a made-up one, and rules that send packets elsewhere",
  run: (host) => [...cloudSetup(host), ...dhcpcd(host)],
};
