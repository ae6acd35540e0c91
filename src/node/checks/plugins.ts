/** L8: the executables that the network config names. */
import type { Check, Finding, Fix } from "../check.ts";
import { ok } from "../finding.ts";
import type { Host } from "../host.ts";
import { chosenConf, typesOf } from "../reads/network-confs.ts";

const usual = ["/opt/cni/bin", "/usr/lib/cni", "/usr/libexec/cni"];

/** Where containerd is told to look, or CRI-O. */
const told = (host: Host): string[] => {
  const containerd = host.read("/etc/containerd/config.toml") ?? "";
  return [...containerd.matchAll(/^\s*bin_dirs?\s*=\s*\[?\s*["']([^"']+)["']/gm)].map(([, dir]) => dir!);
};

/** Names by which podwire is a plugin. */
export const podwires: readonly string[] = [
  "bandwidth",
  "bridge",
  "dhcp",
  "dummy",
  "firewall",
  "host-device",
  "host-local",
  "ipvlan",
  "loopback",
  "macvlan",
  "portmap",
  "ptp",
  "sbr",
  "static",
  "tap",
  "tuning",
  "vlan",
  "vrf",
];

/** Hard links to one file, or copies where the folder is on another file system. */
const fixOf = (dir: string, types: readonly string[]): Fix => ({
  command: `p=$(command -v podwire) && mkdir -p ${dir} && for t in ${types.join(" ")}; do ln $p ${dir}/$t || cp $p ${dir}/$t; done`,
  undo: `rm ${types.map((type) => `${dir}/${type}`).join(" ")}`,
  survivesReboot: true,
});

export const pluginsCheck: Check = {
  id: "L8",
  name: "plugins",
  area: "links",
  severity: "fail",
  title: "the plugins that the network config names are there",
  why: 'no pod starts: "failed to find plugin ... in path"',
  run: (host): readonly Finding[] => {
    const conf = chosenConf(host);
    if (!conf || conf.problem !== undefined) return [];
    const dirs = [...new Set([...told(host), ...usual])];
    const there = new Set(dirs.flatMap((dir) => host.list(dir)));
    const wanted = typesOf(conf);
    const missing = wanted.filter((type) => !there.has(type));
    if (missing.length === 0) return [ok(`${wanted.join(", ")}`)];
    const dir = told(host)[0] ?? usual[0]!;
    const ours = missing.filter((type) => podwires.includes(type));
    return [
      {
        outcome: "fail",
        subject: conf.path,
        seen: `${missing.join(", ")}: in none of ${dirs.join(", ")}`,
        want: `executables of these names in ${dir}`,
        // Others' plugins come with their network: a link to podwire would be none.
        ...(ours.length > 0 ? { fix: fixOf(dir, ours) } : {}),
      },
    ];
  },
};
