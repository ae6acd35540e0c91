/** Kernel, limits, names, clock and labels: decisions on what /proc, /sys and /etc say. */
import { describe, expect, test } from "bun:test";
import { parseCidr } from "../../base/cidr.ts";
import type { Address } from "../../net/addresses.ts";
import type { Link } from "../../net/links.ts";
import { type Asked, usual } from "../asked.ts";
import type { Check } from "../check.ts";
import { type HostTexts, textHost } from "../testing/text-host.ts";
import { cgroupsCheck } from "./cgroups.ts";
import { clockFinding } from "./clock.ts";
import { conntrackCheck } from "./conntrack.ts";
import { kernelVersionCheck } from "./kernel-version.ts";
import { labelsCheck } from "./labels.ts";
import { limitsCheck } from "./limits.ts";
import { neighboursCheck } from "./neighbours.ts";
import { ownNameCheck } from "./own-name.ts";
import { portRangeCheck } from "./port-range.ts";
import { programsCheck } from "./programs.ts";
import { resolvLoopbackCheck } from "./resolv-loopback.ts";
import { resolvSizeCheck } from "./resolv-size.ts";
import { sizeCheck } from "./size.ts";
import { swapCheck } from "./swap.ts";

const on = (check: Check, texts: HostTexts, asked: Partial<Asked> = {}) =>
  check.run(textHost(texts), { ...usual, ...asked });
const first = (check: Check, files: Record<string, string>, asked: Partial<Asked> = {}) =>
  on(check, { files }, asked)[0];
const sys = (name: string): string => `/proc/sys/${name.replaceAll(".", "/")}`;
const debian = { "/etc/os-release": 'PRETTY_NAME="Debian"\nID=debian\n' };

test("nothing is said of what is not there", () => {
  for (const check of [
    cgroupsCheck,
    conntrackCheck,
    kernelVersionCheck,
    labelsCheck,
    limitsCheck,
    neighboursCheck,
    ownNameCheck,
    portRangeCheck,
    resolvLoopbackCheck,
    sizeCheck,
    swapCheck,
  ])
    expect([check.id, on(check, {})]).toEqual([check.id, []]);
});

test("K2: the release's numbers are compared as numbers", () => {
  const run = (release: string) => first(kernelVersionCheck, { ...debian, [sys("kernel.osrelease")]: `${release}\n` });
  expect(run("5.13.0")?.outcome).toBe("ok");
  expect(run("6.1.0-13-amd64")).toEqual({ outcome: "ok", seen: "Linux 6.1.0-13-amd64" });
  expect(run("5.4.0-216-generic")).toMatchObject({ outcome: "warn", seen: "Linux 5.4.0-216-generic" });
  expect(run("4.18.0")?.outcome).toBe("warn");
});

describe("K3: control groups", () => {
  const v2 = "cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n";
  const run = (mounts: string, rest: Record<string, string> = {}) =>
    first(cgroupsCheck, { "/proc/self/mounts": mounts, ...rest });
  const controllers = (text: string) => ({ "/sys/fs/cgroup/cgroup.controllers": text });

  test("version 2 with all that kubelet wants", () => {
    expect(run(v2, controllers("cpuset cpu io memory hugetlb pids\n"))?.outcome).toBe("ok");
  });
  test("a Raspberry Pi's memory is switched on in its own file, on the line that is there", () => {
    const found = run(v2, { ...controllers("cpuset cpu io pids"), "/boot/firmware/cmdline.txt": "console=tty1\n" });
    expect(found).toMatchObject({ outcome: "fail", seen: "cgroup v2 without memory" });
    expect(found?.fix?.command).toBe("sed -i '1s/$/ cgroup_enable=memory/' /boot/firmware/cmdline.txt   # then reboot");
  });
  test("Fedora's kernels are told by grubby", () => {
    const found = run(v2, { ...controllers("cpuset cpu io pids"), "/usr/sbin/grubby": "" });
    expect(found?.fix?.command).toBe("grubby --update-kernel=ALL --args=cgroup_enable=memory   # then reboot");
  });
  test("version 1 warns, and fails without memory; the hybrid of both is version 1", () => {
    const v1 = "cgroup /sys/fs/cgroup/cpu cgroup rw 0 0\ncgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n";
    const memory = (enabled: number) => ({ "/proc/cgroups": `#subsys_name\nmemory\t0\t91\t${enabled}\n` });
    expect(run(v1, memory(1))?.outcome).toBe("warn");
    expect(run(v1, memory(0))?.outcome).toBe("fail");
  });
  test("nothing mounted", () => {
    expect(run("proc /proc proc rw 0 0\n")).toMatchObject({ outcome: "fail", fix: { survivesReboot: false } });
  });
});

describe("K4: swap", () => {
  const head = "Filename\tType\tSize\tUsed\tPriority\n";
  const disk = `${head}/dev/sda2 partition\t2097148\t0\t-2\n`;
  test("off, on, and borne by kubelet", () => {
    expect(first(swapCheck, { "/proc/swaps": head })).toEqual({ outcome: "ok", seen: "off" });
    expect(first(swapCheck, { "/proc/swaps": disk })).toMatchObject({ outcome: "warn", seen: "/dev/sda2, 2.0 GiB" });
    const config = { "/var/lib/kubelet/config.yaml": "kind: KubeletConfiguration\nfailSwapOn: false\n" };
    expect(first(swapCheck, { "/proc/swaps": disk, ...config })?.outcome).toBe("ok");
    expect(first(swapCheck, { "/proc/swaps": disk, "/var/lib/kubelet/config.yaml": "{" })?.outcome).toBe("warn");
  });
  test("whether it survives a reboot depends on fstab", () => {
    const fstab = { "/etc/fstab": "UUID=1 / ext4 defaults 0 1\n/dev/sda2 none swap sw 0 0\n" };
    expect(first(swapCheck, { "/proc/swaps": disk, ...fstab })?.fix?.survivesReboot).toBe(true);
    expect(first(swapCheck, { "/proc/swaps": disk })?.fix).toEqual({
      command: "swapoff /dev/sda2",
      undo: "swapon /dev/sda2",
      survivesReboot: false,
    });
  });
});

test("K5: what kubeadm insists on fails, what it likes warns, each with its package", () => {
  const have = (...names: string[]) => Object.fromEntries(names.map((name) => [`/usr/bin/${name}`, ""]));
  const all = ["mount", "nsenter", "ip", "iptables", "ethtool", "tc", "touch"];
  expect(first(programsCheck, have(...all))?.outcome).toBe("ok");
  const found = on(programsCheck, { files: { ...debian, ...have("mount", "ip", "iptables", "tc", "touch") } });
  expect(found.map((f) => [f.outcome, f.subject, f.fix?.command])).toEqual([
    ["fail", "nsenter", "apt-get install -y util-linux"],
    ["warn", "ethtool", "apt-get install -y ethtool"],
  ]);
});

test("K6: only a control plane has to be large", () => {
  const files = {
    "/proc/cpuinfo": "processor\t: 0\nmodel name\t: x\n",
    "/proc/meminfo": "MemTotal:        2000000 kB\n",
  };
  expect(on(sizeCheck, { files })).toEqual([]);
  expect(on(sizeCheck, { files }, { roles: ["control-plane", "etcd"] })).toMatchObject([
    { outcome: "fail", seen: "1 processor", want: "2 processors or more" },
    { outcome: "ok", seen: "1953 MiB" },
  ]);
});

describe("M1: conntrack", () => {
  const run = (max: string, count: string, stat = "") =>
    on(conntrackCheck, {
      files: {
        [sys("net.netfilter.nf_conntrack_max")]: `${max}\n`,
        "/proc/net/stat/nf_conntrack": stat,
        "/proc/cpuinfo": "processor\t: 0\nprocessor\t: 1\nprocessor\t: 2\nprocessor\t: 3\nprocessor\t: 4\n",
      },
      sysctls: { "net.netfilter.nf_conntrack_count": count },
    });
  test("as large as kube-proxy would make it for these processors", () => {
    expect(run("262144", "10").map((f) => f.outcome)).toEqual(["ok", "ok"]);
    expect(run("131072", "10")[0]).toMatchObject({
      outcome: "warn",
      seen: "131072 connections at most",
      want: "163840 (kube-proxy sets that itself where it may)",
    });
  });
  test("nearly full, and packets that were dropped, counted over processors in hexadecimal", () => {
    expect(run("262144", "230000")[1]).toMatchObject({ outcome: "warn", seen: "230000 connections, 88 %" });
    const stat =
      "entries  found new drop early_drop\n00000001 00000000 00000000 0000000a 00\n00000001 0 0 00000010 0\n";
    expect(run("262144", "1", stat)[1]?.seen).toBe("1 connections, 0 %; 26 packets dropped since boot");
  });
});

test("M2: room for the pods and for as many nodes as the pod range has blocks", () => {
  const run = (value: string, asked: Partial<Asked> = {}) =>
    first(neighboursCheck, { [sys("net.ipv4.neigh.default.gc_thresh3")]: value }, asked);
  expect(run("1024")).toMatchObject({ outcome: "ok", seen: "1024 neighbours at most, 476 expected" });
  expect(run("1024", { podCidrs: [parseCidr("10.128.0.0/12")] })).toMatchObject({
    outcome: "warn",
    seen: "net.ipv4.neigh.default.gc_thresh3 = 1024",
  });
});

test("M3: the fix is a file that survives, and its undo brings back the value", () => {
  const name = "fs.inotify.max_user_instances";
  expect(first(limitsCheck, { [sys(name)]: "128\n" })).toEqual({
    outcome: "warn",
    subject: name,
    seen: "128",
    want: "8192 watchers of files for one user",
    fix: {
      command: `echo '${name} = 8192' > /etc/sysctl.d/99-zz-${name}.conf && sysctl -w ${name}=8192`,
      undo: `rm /etc/sysctl.d/99-zz-${name}.conf && sysctl -w ${name}=128`,
      survivesReboot: true,
    },
  });
});

test("M4: ports that are lent, and those that are held back", () => {
  const run = (range: string, reserved = "") =>
    on(portRangeCheck, {
      sysctls: { "net.ipv4.ip_local_port_range": range, "net.ipv4.ip_local_reserved_ports": reserved },
    });
  expect(run("32768\t60999")).toEqual([
    { outcome: "ok", subject: "30000-32767", seen: "not lent: outgoing connections take 32768-60999" },
  ]);
  expect(run("1024\t65535")[0]).toMatchObject({
    outcome: "warn",
    seen: "outgoing connections take 1024-65535: 2768 ports are in both",
  });
  expect(run("1024\t65535", "8080,30000-32767")[0]?.outcome).toBe("ok");
  const part = run("1024\t65535", "30000-31999")[0];
  expect(part?.seen).toContain("768 ports");
  expect(part?.fix?.command).toContain("= 30000-31999,30000-32767");
});

describe("D1 and D2: resolv.conf", () => {
  const plain = "/etc/resolv.conf";
  const upstream = "/run/systemd/resolve/resolv.conf";
  test("the stub of systemd-resolved loops, unless kubeadm or kubelet's config takes the file behind it", () => {
    const files = { [plain]: "nameserver 127.0.0.53\n", [upstream]: "nameserver 9.9.9.9\n" };
    expect(first(resolvLoopbackCheck, files)).toMatchObject({
      outcome: "fail",
      seen: "nameserver 127.0.0.53 in /etc/resolv.conf",
    });
    expect(on(resolvLoopbackCheck, { files, running: ["systemd-resolve"] })[0]?.seen).toBe(
      `9.9.9.9 (${upstream}, which kubeadm takes)`,
    );
    const config = { "/var/lib/kubelet/config.yaml": `resolvConf: ${upstream}\n` };
    expect(first(resolvLoopbackCheck, { ...files, ...config })?.outcome).toBe("ok");
    const wrong = { "/var/lib/kubelet/config.yaml": `resolvConf: ${plain}\n` };
    expect(first(resolvLoopbackCheck, { ...files, ...wrong })?.fix?.command).toBe(
      `sed -i.before '/^resolvConf:/d;$a resolvConf: ${upstream}' /var/lib/kubelet/config.yaml && systemctl restart kubelet`,
    );
  });
  test("::1 is loopback, and one of several is enough", () => {
    expect(first(resolvLoopbackCheck, { [plain]: "nameserver 9.9.9.9\nnameserver ::1\n" })?.outcome).toBe("fail");
  });
  test("one to three servers; a comment is none; the last search line counts", () => {
    const servers = (n: number) => "nameserver 192.0.2.1\n".repeat(n);
    expect(
      first(resolvSizeCheck, { [plain]: `${servers(3)}search a.example\nsearch b.example c.example\n` })?.seen,
    ).toBe("3 servers, 2 search domains");
    expect(first(resolvSizeCheck, { [plain]: `#${servers(1)}` })).toMatchObject({ outcome: "warn", want: "1 to 3" });
    expect(first(resolvSizeCheck, { [plain]: servers(4) })?.outcome).toBe("warn");
    const long = `${servers(1)}search ${Array.from({ length: 30 }, (_, i) => `d${i}.example`).join(" ")}\n`;
    expect(first(resolvSizeCheck, { [plain]: long })).toMatchObject({ outcome: "warn", subject: "search" });
  });
});

describe("D4: the node's own name", () => {
  const links = [{ index: 2, name: "eth0", up: true } as Link, { index: 3, name: "eth1", up: true } as Link];
  const addresses = [
    { link: 2, address: parseCidr("10.0.0.5/24") } as Address,
    { link: 3, address: parseCidr("10.0.2.15/24") } as Address,
  ];
  const run = (hosts: string) =>
    on(ownNameCheck, { files: { "/etc/hosts": hosts }, links, addresses }, { nodeIp: parseCidr("10.0.0.5/24").ip })[0];
  test("by the first line that has it", () => {
    expect(run("10.0.0.5 node1.example node1 # me\n127.0.1.1 node1\n")?.outcome).toBe("ok");
    expect(run("127.0.1.1 node1\n10.0.0.5 node1\n")).toMatchObject({
      outcome: "warn",
      seen: "127.0.1.1 in /etc/hosts: loopback",
      fix: { command: "sed -i '1i 10.0.0.5 node1' /etc/hosts", survivesReboot: true },
    });
  });
  test("another link's address, and one that is nobody's here", () => {
    expect(run("10.0.2.15 node1\n")?.seen).toBe("10.0.2.15 in /etc/hosts: the node goes by another");
    expect(run("10.0.0.7 node1\n")?.seen).toBe("10.0.0.7 in /etc/hosts: not an address of this node");
    expect(run("10.0.0.7 node11\n")).toBeUndefined();
  });
});

test("T1: who keeps the clock, and what starts one", () => {
  const told = (synchronised: boolean, texts: HostTexts) =>
    clockFinding(textHost(texts), { synchronised, maxErrorUs: 16_000_000 });
  expect(told(true, { running: ["chronyd"] })).toEqual({
    outcome: "ok",
    seen: "kept by chronyd, at most 16000 ms off",
  });
  expect(told(false, { running: ["systemd-timesyn"] })).toMatchObject({
    outcome: "warn",
    fix: { command: "systemctl restart systemd-timesyncd.service" },
  });
  const chronyd = { "/usr/lib/systemd/system/chronyd.service": "" };
  expect(told(false, { running: ["chronyd"], files: chronyd }).fix?.command).toBe("systemctl restart chronyd.service");
  const unit = { "/usr/lib/systemd/system/systemd-timesyncd.service": "" };
  expect(told(false, { files: unit })).toMatchObject({
    seen: "not kept by any program",
    fix: { command: "systemctl enable --now systemd-timesyncd.service" },
  });
  expect(told(false, { files: debian }).fix?.command).toBe("apt-get install -y chrony");
});

describe("S1: labels", () => {
  const bin = { "/opt/cni/bin/bridge": "", "/opt/cni/bin/portmap": "" };
  const enforce = (mode: string) => ({ "/sys/fs/selinux/enforce": mode });
  const label = (type: string) => `system_u:object_r:${type}:s0`;
  test("enforcing with labels of a home folder", () => {
    const labels = { "/opt/cni/bin/bridge": label("user_home_t"), "/opt/cni/bin/portmap": label("bin_t") };
    expect(on(labelsCheck, { files: { ...bin, ...enforce("1") }, labels })).toEqual([
      {
        outcome: "fail",
        subject: "/opt/cni/bin",
        seen: "bridge labelled user_home_t",
        want: "the policy's own labels",
        fix: { command: "restorecon -R /opt/cni/bin", survivesReboot: true },
      },
    ]);
    expect(on(labelsCheck, { files: { ...bin, ...enforce("0") }, labels })[0]?.outcome).toBe("ok");
  });
  test("refusals in the audit log that are about CNI, and no others", () => {
    const log =
      'type=AVC msg=audit(1.1:1): avc:  denied  { read } for comm="httpd" name="x"\n' +
      'type=AVC msg=audit(1.1:2): avc:  denied  { execute } for comm="containerd" path="/opt/cni/bin/bridge"\n';
    const found = on(labelsCheck, { files: { ...enforce("1"), "/var/log/audit/audit.log": log } });
    expect(found).toMatchObject([{ outcome: "warn", seen: "1 refusal, the last: execute /opt/cni/bin/bridge" }]);
  });
});
