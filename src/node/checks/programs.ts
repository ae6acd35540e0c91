/** K5: programs that kubelet starts, or that kubeadm insists on. */
import type { Check, Finding } from "../check.ts";
import { ok } from "../finding.ts";
import type { Host } from "../host.ts";
import { installLine } from "../reads/distro.ts";

const path = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/** Which package has it, where its name is another than the program's. */
const packages: Readonly<Record<string, Parameters<typeof installLine>[2] & { readonly other: string }>> = {
  ip: { other: "iproute2", dnf: "iproute" },
  tc: { other: "iproute2", dnf: "iproute-tc" },
  mount: { other: "util-linux", apt: "mount" },
  nsenter: { other: "util-linux" },
  touch: { other: "coreutils" },
};

const wanted = {
  fail: {
    mount: "kubelet mounts volumes with it",
    nsenter: "kubeadm wants it",
    ip: "kubeadm wants it",
    iptables: "kubeadm wants it",
  },
  warn: {
    ethtool: "kubeadm warns",
    tc: "kubeadm warns, and the bandwidth of pods needs its kernel half",
    touch: "kubeadm warns",
  },
} as const;

const missing = (host: Host, there: ReadonlySet<string>): Finding[] =>
  (["fail", "warn"] as const).flatMap((outcome) =>
    Object.entries(wanted[outcome])
      .filter(([program]) => !there.has(program))
      .map(([program, reason]): Finding => {
        const { other, ...names } = packages[program] ?? { other: program };
        const line = installLine(host, other, names);
        return {
          outcome,
          subject: program,
          seen: "not in PATH",
          want: `there: ${reason}`,
          ...(line ? { fix: { command: line, survivesReboot: true } } : {}),
        };
      }),
  );

export const programsCheck: Check = {
  id: "K5",
  name: "programs",
  area: "kernel",
  severity: "fail",
  title: "programs that kubelet and kubeadm start are there",
  why: "kubeadm stops before it begins, or kubelet cannot mount volumes; podwire itself needs none of them",
  run: (host) => {
    // The programs are the machine's, not a lab's node's.
    if (host.kind === "lab-node") return [];
    const there = new Set(path.flatMap((dir) => host.list(dir)));
    const lacking = missing(host, there);
    const all = [...Object.keys(wanted.fail), ...Object.keys(wanted.warn)];
    return lacking.length > 0 ? lacking : [ok(all.join(", "))];
  },
};
