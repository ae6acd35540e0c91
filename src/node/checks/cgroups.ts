/** K3: control groups that kubelet can use. */
import type { Check, Finding, Fix } from "../check.ts";
import { ok } from "../finding.ts";
import type { Host } from "../host.ts";

/** What kubelet cannot start without. */
const needed = ["cpu", "cpuset", "memory", "pids"];

interface Mount {
  readonly at: string;
  readonly type: string;
}

const mounts = (text: string): Mount[] =>
  text.split("\n").flatMap((line) => {
    const [, at, type] = line.split(" ");
    return at !== undefined && type !== undefined ? [{ at, type }] : [];
  });

/** A Raspberry Pi's firmware hands the kernel its parameters, and switches memory off. */
const piFiles = ["/boot/firmware/cmdline.txt", "/boot/cmdline.txt"];

const bootParameters = (host: Host, words: string): Fix => {
  const pi = piFiles.find((path) => host.read(path) !== undefined);
  if (pi)
    return {
      command: `sed -i '1s/$/ ${words}/' ${pi}   # then reboot`,
      undo: `sed -i '1s/ ${words}//' ${pi}   # then reboot`,
      survivesReboot: true,
    };
  // Fedora and its like keep each kernel's parameters in a file of its own.
  if (host.list("/usr/sbin").includes("grubby") || host.list("/usr/bin").includes("grubby"))
    return {
      command: `grubby --update-kernel=ALL --args=${words}   # then reboot`,
      undo: `grubby --update-kernel=ALL --remove-args=${words}   # then reboot`,
      survivesReboot: true,
    };
  const grub = "/etc/default/grub";
  const make = host.list("/boot").includes("grub2")
    ? "grub2-mkconfig -o /boot/grub2/grub.cfg"
    : "grub-mkconfig -o /boot/grub/grub.cfg";
  return {
    command: `sed -i 's/^GRUB_CMDLINE_LINUX="/&${words} /' ${grub} && ${make}   # then reboot`,
    undo: `sed -i 's/${words} //' ${grub} && ${make}   # then reboot`,
    survivesReboot: true,
  };
};

const version2 = (host: Host, at: string): Finding => {
  const there = (host.read(`${at}/cgroup.controllers`) ?? "").split(/\s+/);
  const missing = needed.filter((name) => !there.includes(name));
  if (missing.length === 0) return ok(`cgroup v2 at ${at} with ${needed.join(", ")}`);
  return {
    outcome: "fail",
    seen: `cgroup v2 without ${missing.join(", ")}`,
    want: needed.join(", "),
    fix: bootParameters(
      host,
      missing.includes("memory") ? "cgroup_enable=memory" : "systemd.unified_cgroup_hierarchy=1",
    ),
  };
};

const version1 = (host: Host): Finding => {
  const memory = /^memory\s+\d+\s+\d+\s+(\d)/m.exec(host.read("/proc/cgroups") ?? "")?.[1];
  const fix = bootParameters(host, "systemd.unified_cgroup_hierarchy=1");
  if (memory === "1")
    return {
      outcome: "warn",
      seen: "cgroup v1",
      want: "cgroup v2: kubelet 1.35 and later refuses v1 unless told otherwise",
      fix,
    };
  return { outcome: "fail", seen: "cgroup v1 without memory", want: "cgroup v2 with memory", fix };
};

export const cgroupsCheck: Check = {
  id: "K3",
  name: "cgroups",
  area: "kernel",
  severity: "fail",
  title: "control groups with memory are there",
  why: "kubelet does not start",
  run: (host) => {
    const text = host.readOwn("/proc/self/mounts");
    if (text === undefined) return [];
    const all = mounts(text).filter(({ at }) => at.startsWith("/sys/fs/cgroup"));
    const v1 = all.some(({ type }) => type === "cgroup");
    const v2 = all.find(({ type, at }) => type === "cgroup2" && at === "/sys/fs/cgroup");
    if (v2) return [version2(host, v2.at)];
    if (v1) return [version1(host)];
    return [
      {
        outcome: "fail",
        seen: "nothing is mounted at /sys/fs/cgroup",
        want: "cgroup v2",
        fix: {
          command: "mount -t cgroup2 none /sys/fs/cgroup",
          undo: "umount /sys/fs/cgroup",
          survivesReboot: false,
        },
      },
    ];
  },
};
