/** K4: swap, which kubelet refuses unless it is told what to do with it. */
import { parse } from "yaml";
import type { Check, Finding, Fix } from "../check.ts";
import { ok } from "../finding.ts";
import type { Host } from "../host.ts";
import { hasUnit } from "../reads/units.ts";

const config = "/var/lib/kubelet/config.yaml";

/** kubelet's own setting, when it has a config. */
const toldToBear = (host: Host): boolean => {
  try {
    const values: unknown = parse(host.read(config) ?? "");
    return typeof values === "object" && values !== null && "failSwapOn" in values && values.failSwapOn === false;
  } catch {
    return false;
  }
};

const size = (kib: number): string =>
  kib >= 1 << 20 ? `${(kib / (1 << 20)).toFixed(1)} GiB` : `${Math.round(kib / 1024)} MiB`;

const off = (host: Host, device: string): Fix => {
  if (device.startsWith("/dev/zram")) {
    // Of zram-tools (Debian), or of zram-generator, which makes one for each device.
    const unit = hasUnit(host, "zramswap.service")
      ? "zramswap.service"
      : `systemd-zram-setup@${device.slice("/dev/".length)}.service`;
    return {
      command: `swapoff ${device} && systemctl mask ${unit}`,
      undo: `systemctl unmask ${unit} && systemctl restart ${unit}`,
      survivesReboot: true,
    };
  }
  const inFstab = /^[^#\n]*\sswap\s/m.test(host.read("/etc/fstab") ?? "");
  if (!inFstab) return { command: `swapoff ${device}`, undo: `swapon ${device}`, survivesReboot: false };
  return {
    command: "swapoff -a && sed -i '/\\sswap\\s/s/^/#/' /etc/fstab",
    undo: "sed -i '/\\sswap\\s/s/^#//' /etc/fstab && swapon -a",
    survivesReboot: true,
  };
};

export const swapCheck: Check = {
  id: "K4",
  name: "swap",
  area: "kernel",
  severity: "warn",
  title: "swap is off, or kubelet is told to bear it",
  why: "kubelet refuses to start, unless its config says failSwapOn: false",
  run: (host) => {
    const text = host.readOwn("/proc/swaps");
    if (text === undefined) return [];
    const used = text
      .split("\n")
      .slice(1)
      .map((line) => line.split(/\s+/))
      .filter(([device]) => device);
    if (used.length === 0) return [ok("off")];
    const told = toldToBear(host);
    return used.map(([device = "", , kib]): Finding => {
      const seen = `${device}, ${size(Number(kib))}`;
      if (told) return ok(`${seen}; failSwapOn: false in ${config}`);
      return { outcome: "warn", seen, want: "none, or failSwapOn: false in kubelet's config", fix: off(host, device) };
    });
  },
};
