/** K2: kube-proxy's nftables mode wants a kernel that is new enough. */
import type { Check } from "../check.ts";
import { machineSysctl, ok } from "../finding.ts";
import { installLine, isUbuntu } from "../reads/distro.ts";

/** kubernetes.io, "NFTables proxy mode": it uses what came with 5.13. */
const wanted = [5, 13] as const;

const isEnough = (release: string): boolean => {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(release) ?? [];
  const [a, b] = [Number(major), Number(minor)];
  return a > wanted[0] || (a === wanted[0] && b >= wanted[1]);
};

export const kernelVersionCheck: Check = {
  id: "K2",
  name: "kernel-version",
  area: "kernel",
  severity: "warn",
  title: "the kernel is new enough for kube-proxy's nftables mode",
  why: "kube-proxy in nftables mode refuses to start; its iptables mode works",
  run: (host) => {
    const release = machineSysctl(host, "kernel.osrelease");
    if (release === undefined) return [];
    if (isEnough(release)) return [ok(`Linux ${release}`)];
    const apt = isUbuntu(host) ? "linux-image-generic" : "linux-image-$(dpkg --print-architecture)";
    const line = installLine(host, apt, {
      dnf: "kernel",
      zypper: "kernel-default",
      apk: "linux-lts",
    });
    return [
      {
        outcome: "warn",
        seen: `Linux ${release}`,
        want: `${wanted.join(".")} or newer, or kube-proxy with --proxy-mode=iptables`,
        ...(line ? { fix: { command: `${line}   # then reboot`, survivesReboot: true } } : {}),
      },
    ];
  },
};
