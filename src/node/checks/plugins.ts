/** L8: the executables that the network config names. */
import type { Check, Finding } from "../check.ts";
import { ok } from "../finding.ts";
import type { Host } from "../host.ts";
import { chosenConf, typesOf } from "../reads/network-confs.ts";

const usual = ["/opt/cni/bin", "/usr/lib/cni", "/usr/libexec/cni"];

/** Where containerd is told to look, or CRI-O. */
const told = (host: Host): string[] => {
  const containerd = host.read("/etc/containerd/config.toml") ?? "";
  return [...containerd.matchAll(/^\s*bin_dirs?\s*=\s*\[?\s*["']([^"']+)["']/gm)].map(([, dir]) => dir!);
};

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
    return [
      {
        outcome: "fail",
        subject: conf.path,
        seen: `${missing.join(", ")}: in none of ${dirs.join(", ")}`,
        want: `executables of these names in ${dir}`,
        fix: {
          command: missing.map((type) => `ln $(command -v podwire) ${dir}/${type}`).join(" && "),
          undo: `rm ${missing.map((type) => `${dir}/${type}`).join(" ")}`,
          survivesReboot: true,
        },
      },
    ];
  },
};
