/** Which container a process is in, from the paths of its cgroups (cgroups(7)), as runtimes name them. */

export interface Container {
  /** 64 hex digits, mostly. */
  readonly id: string;
  readonly runtime: string;
  /** The pod's UID, when kubelet made it. */
  readonly pod?: string;
}

const runtimes: Readonly<Record<string, string>> = {
  "cri-containerd": "containerd",
  crio: "cri-o",
  docker: "docker",
  libpod: "podman",
};

/** From /proc/PID/cgroup; undefined for a process of the machine. */
export const containerOf = (cgroup: string): Container | undefined => {
  for (const line of cgroup.split("\n")) {
    const path = line.split(":").slice(2).join(":");
    const found = /(?:([a-z-]+?)[-:/])?(?:conmon-)?([0-9a-f]{64})(?:\.scope)?(?:\/|$)/.exec(path);
    if (!found) continue;
    const pod = /pod([0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12})/.exec(path)?.[1]?.replaceAll("_", "-");
    const runtime = runtimes[found[1] ?? ""] ?? (pod === undefined ? "container" : "pod");
    return { id: found[2]!, runtime, ...(pod === undefined ? {} : { pod }) };
  }
  return undefined;
};
