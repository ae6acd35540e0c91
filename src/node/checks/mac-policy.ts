/** R6: udev leaves the MAC of a tunnel as it was made. */
import type { Check, Finding } from "../check.ts";
import { ok } from "../finding.ts";
import type { Host } from "../host.ts";
import { matchesGlob } from "../reads/glob.ts";
import { iniValues, layeredFiles, systemdRoots } from "../reads/ini.ts";

const file = "/etc/systemd/network/50-podwire.link";
const tunnels = ["flannel*", "vxlan*", "podwire*"];

/** What a .link file asks of a link to be its own: other conditions than names and kinds are taken to hold. */
const isFor = (text: string, name: string): boolean => {
  const words = (key: string): string[] =>
    iniValues(text, "Match", key)
      .flatMap((v) => v.split(/\s+/))
      .filter(Boolean);
  const names = words("OriginalName");
  const hardware = ["MACAddress", "PermanentMACAddress", "Path", "Driver", "Property"].some(
    (key) => words(key).length > 0,
  );
  const kinds = words("Kind");
  return (
    !hardware &&
    (kinds.length === 0 || kinds.includes("vxlan")) &&
    (names.length === 0 || names.some((n) => matchesGlob(n, name)))
  );
};

/** The first .link file that is for it, alone, counts (systemd.link(5)). */
const policyFor = (host: Host, name: string): { readonly policy: string; readonly path: string } | undefined => {
  for (const path of layeredFiles(host, systemdRoots, "network", ".link")) {
    const text = host.read(path) ?? "";
    if (isFor(text, name)) return { policy: iniValues(text, "Link", "MACAddressPolicy").at(-1) ?? "", path };
  }
  return undefined;
};

const look = (host: Host, name: string): Finding => {
  const said = policyFor(host, name);
  if (said?.policy !== "persistent")
    return ok(said ? `MACAddressPolicy=${said.policy || "none"}, by ${said.path}` : "no .link file is for it", name);
  return {
    outcome: "warn",
    subject: name,
    seen: `MACAddressPolicy=persistent, by ${said.path}`,
    want: "none, for tunnels",
    fix: {
      command: `mkdir -p /etc/systemd/network && printf '[Match]\\nOriginalName=${tunnels.join(" ")}\\n[Link]\\nMACAddressPolicy=none\\n' > ${file} && udevadm control --reload`,
      undo: `rm ${file} && udevadm control --reload`,
      survivesReboot: true,
    },
  };
};

export const macPolicyCheck: Check = {
  id: "R6",
  name: "mac-policy",
  area: "routing",
  severity: "warn",
  title: "udev leaves the MAC addresses of tunnels alone",
  why: "other nodes are told a MAC that is changed a moment later: packets through the tunnel are thrown away; copies of a machine all get the same",
  run: (host, { networks }) => {
    if (!host.processes.some(({ name }) => name === "systemd-udevd" || name === "(udev-worker)")) return [];
    const there = host.links.filter((l) => l.kind === "vxlan").map((l) => l.name);
    const names = there.length > 0 ? there : networks.includes("vxlan") ? ["flannel.1"] : [];
    return names.map((name) => look(host, name));
  },
};
