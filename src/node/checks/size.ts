/** K6: a machine that is large enough for a control plane. */
import type { Check, Finding } from "../check.ts";
import { count, ok } from "../finding.ts";

/** kubeadm's own limits (cmd/kubeadm/app/constants: ControlPlaneNumCPU, ControlPlaneMem). */
const want = { cpus: 2, mib: 1700 } as const;

export const sizeCheck: Check = {
  id: "K6",
  name: "size",
  area: "kernel",
  severity: "fail",
  title: "the machine is large enough for a control plane",
  why: "kubeadm refuses to begin; on a smaller machine the API server and etcd starve each other",
  run: (host, { roles }) => {
    const [cpus, memory] = [host.readOwn("/proc/cpuinfo"), host.readOwn("/proc/meminfo")];
    if (!roles.includes("control-plane") || cpus === undefined || memory === undefined) return [];
    const cores = [...cpus.matchAll(/^processor\s*:/gm)].length;
    const mib = Math.floor(Number(/^MemTotal:\s+(\d+)/m.exec(memory)?.[1] ?? 0) / 1024);
    const look = (subject: string, enough: boolean, seen: string, least: string): Finding =>
      enough ? ok(seen, subject) : { outcome: "fail", subject, seen, want: `${least} or more` };
    return [
      look("CPU", cores >= want.cpus, count(cores, "processor"), count(want.cpus, "processor")),
      look("memory", mib >= want.mib, `${mib} MiB`, `${want.mib} MiB`),
    ];
  },
};
