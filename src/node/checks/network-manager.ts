/** R7: NetworkManager leaves pods' links alone. */
import type { Check, Finding } from "../check.ts";
import { ok } from "../finding.ts";
import type { Host } from "../host.ts";
import { matchesGlob } from "../reads/glob.ts";
import { iniValues, layeredFiles } from "../reads/ini.ts";

const file = "/etc/NetworkManager/conf.d/50-podwire.conf";
/** What network plugins make; podwire's pods have veths. */
const globs = ["veth*", "cali*", "cni*", "flannel*", "vxlan*", "tunl*", "podwire*", "kube-ipvs*"];
const examples = ["veth0a1b2c3d", "cali0123456789a", "cni0", "flannel.1"];

const unmanaged = (host: Host): string[] => {
  const roots = ["/etc/NetworkManager", "/run/NetworkManager", "/usr/lib/NetworkManager", "/lib/NetworkManager"];
  const paths = [...layeredFiles(host, roots, "conf.d", ".conf"), "/etc/NetworkManager/NetworkManager.conf"];
  return paths
    .flatMap((path) => iniValues(host.read(path) ?? "", "keyfile", "unmanaged-devices"))
    .flatMap((value) => value.split(/[;,]/))
    .map((word) => word.trim());
};

const isLeft = (words: readonly string[], name: string, kind: string): boolean =>
  words.some((word) => {
    if (word === "*") return true;
    if (word.startsWith("interface-name:")) return matchesGlob(word.slice(15).replace(/^=/, ""), name);
    return word === `type:${kind}` || word === `driver:${kind}`;
  });

/** What it says of a link that is there (/run/NetworkManager/devices/INDEX). */
const managesNow = (host: Host): string[] =>
  host.links
    .filter((l) => examples.includes(l.name) || globs.some((g) => matchesGlob(g, l.name)))
    .filter((l) => {
      const text = host.read(`/run/NetworkManager/devices/${l.index}`) ?? "";
      return /^(true|1)$/.test(iniValues(text, "device", "managed").at(-1) ?? "");
    })
    .map((l) => l.name);

export const networkManagerCheck: Check = {
  id: "R7",
  name: "network-manager",
  area: "routing",
  severity: "warn",
  title: "NetworkManager leaves pods' links alone",
  why: "it takes addresses off pods' links, changes their MAC, or asks DHCP on them",
  run: (host): readonly Finding[] => {
    if (!host.processes.some(({ name }) => name === "NetworkManager")) return [];
    const words = unmanaged(host);
    const now = managesNow(host);
    const open = examples.filter(
      (name) => !isLeft(words, name, name.startsWith("veth") || name.startsWith("cali") ? "veth" : "bridge"),
    );
    if (now.length === 0 && open.length === 0) return [ok(`unmanaged-devices has ${words.length} entries`)];
    return [
      {
        outcome: "warn",
        seen:
          now.length > 0
            ? `it manages ${now.join(", ")}`
            : `nothing keeps it from ${open.map((n) => n.replace(/[0-9a-f]{8,}$/, "*")).join(", ")}`,
        want: `unmanaged-devices with ${globs.join(", ")}`,
        fix: {
          command: `mkdir -p /etc/NetworkManager/conf.d && printf '[keyfile]\\nunmanaged-devices+=${globs.map((g) => `interface-name:${g}`).join(";")}\\n' > ${file} && systemctl reload NetworkManager`,
          undo: `rm ${file} && systemctl reload NetworkManager`,
          survivesReboot: true,
        },
      },
    ];
  },
};
