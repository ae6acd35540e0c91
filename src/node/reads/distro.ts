/** The line that installs a package on this distribution (os-release(5)). */
import type { Host } from "../host.ts";

const families = {
  apt: { ids: ["debian", "ubuntu", "raspbian"], line: "apt-get install -y" },
  dnf: { ids: ["fedora", "rhel", "centos", "rocky", "almalinux", "ol", "amzn"], line: "dnf install -y" },
  zypper: { ids: ["suse", "opensuse", "sles"], line: "zypper install -y" },
  apk: { ids: ["alpine"], line: "apk add" },
  pacman: { ids: ["arch"], line: "pacman -S --noconfirm" },
} as const;
type Manager = keyof typeof families;

const managerOf = (host: Host): Manager | undefined => {
  const text = host.read("/etc/os-release") ?? "";
  const words = [...text.matchAll(/^ID(?:_LIKE)?="?([^"\n]+)"?$/gm)].flatMap(([, ids]) => ids!.split(/\s+/));
  return (Object.keys(families) as Manager[]).find((m) =>
    words.some((w) => families[m].ids.some((id) => w === id || w.startsWith(`${id}-`))),
  );
};

/** kubelet's own flags: kubeadm's unit reads one file on Debian and its like, another where packages are RPMs. */
export const usesRpm = (host: Host): boolean => ["dnf", "zypper"].includes(managerOf(host) ?? "");

/** Debian itself has other kernel packages than Ubuntu. */
export const isUbuntu = (host: Host): boolean => /^ID(_LIKE)?=.*\bubuntu\b/m.test(host.read("/etc/os-release") ?? "");

/** `other` is the package's name where no more is said. Undefined on a distribution that we do not know. */
export const installLine = (
  host: Host,
  other: string,
  names: Partial<Record<Manager, string>> = {},
): string | undefined => {
  const manager = managerOf(host);
  return manager && `${families[manager].line} ${names[manager] ?? other}`;
};
