/** Which service of systemd's a process belongs to, from the paths of its cgroups (systemd.slice(5)). */

/** From /proc/PID/cgroup; undefined for what a person, a container or systemd itself has started. */
export const unitOf = (cgroup: string): string | undefined =>
  cgroup
    .split("\n")
    .map((line) => /^\d+:[^:]*:\/system\.slice\/(?:[^/]+\.slice\/)*([^/]+\.service)$/.exec(line)?.[1])
    .find((unit) => unit !== undefined);
