/** R1: packets for others are passed on, now and after the next boot. */
import { cidrFamily } from "../../base/cidr.ts";
import type { Check, Finding, Fix } from "../check.ts";
import { linkSysctl, ok, sysctlFix } from "../finding.ts";
import type { Host } from "../host.ts";
import { isNo, lastIni, layeredFiles, systemdRoots } from "../reads/ini.ts";
import { atBoot, type BootValue } from "../reads/sysctl-files.ts";
import { defaultRoutes, linkOf } from "../reads/uplinks.ts";

const names = { 4: "net.ipv4.ip_forward", 6: "net.ipv6.conf.all.forwarding" } as const;

/** systemd-networkd sets it as it starts, which is later, when it is told to (networkd.conf(5), since 256; IPForward= before). */
const byNetworkd = (host: Host, family: 4 | 6): BootValue | undefined => {
  if (!host.processes.some(({ name }) => name === "systemd-network")) return undefined;
  const paths = ["/etc/systemd/networkd.conf", ...layeredFiles(host, systemdRoots, "networkd.conf.d", ".conf")];
  const said = lastIni(host, paths, "Network", family === 4 ? "IPv4Forwarding" : "IPv6Forwarding");
  return said && { value: isNo(said.value) ? "0" : "1", path: said.path };
};

/** rtm_protocol of a route that a router has announced (rtnetlink(7): RTPROT_RA). */
const announced = 9;

/**
 * A kernel that forwards IPv6 no longer listens to routers unless accept_ra is 2 (ip-sysctl): without it the node loses its
 * default route, and its address when that runs out.
 */
const fixOf = (host: Host, family: 4 | 6, now: string | undefined): Fix => {
  const fix = sysctlFix(host, names[family], "1", now);
  if (family === 4) return fix;
  const links = new Set(
    defaultRoutes(host, 6).flatMap((r) => (r.protocol === announced ? (linkOf(host, r.link)?.name ?? []) : [])),
  );
  const listening = [...links].filter((link) => host.sysctl(`net/ipv6/conf/${link}/accept_ra`) === "1");
  const first = listening.map((link) => sysctlFix(host, linkSysctl(6, link, "accept_ra"), "2", "1"));
  return {
    ...fix,
    command: [...first, fix].map(({ command }) => command).join(" && "),
    undo: [fix, ...first].flatMap(({ undo }) => undo ?? []).join(" && "),
  };
};

const look = (host: Host, family: 4 | 6): Finding => {
  const name = names[family];
  const now = host.sysctl(name);
  const later = byNetworkd(host, family) ?? atBoot(host, name);
  const fix = fixOf(host, family, now);
  const subject = `IPv${family}`;
  if (now === undefined)
    return {
      outcome: "fail",
      subject,
      seen: `this kernel has no ${name}`,
      want: `a kernel with IPv${family}, or a cluster without it`,
    };
  if (now !== "1")
    return {
      outcome: "fail",
      subject,
      seen: `${name} = ${now}${later ? `; ${later.path} sets ${later.value} at boot` : ""}`,
      want: "1",
      fix,
    };
  if (later !== undefined && later.value !== "1")
    return {
      outcome: "warn",
      subject,
      seen: `${name} = 1 now; ${later.path} sets ${later.value} at boot`,
      want: "1 at boot, too",
      // Also for a lab's node, which is broken by such a file: sysctl -w would change nothing.
      fix: sysctlFix({ kind: "machine" }, name, "1", now),
    };
  // A lab's node never boots.
  if (later === undefined && host.kind === "machine")
    return { outcome: "warn", subject, seen: `${name} = 1 now; no file sets it at boot`, want: "1 at boot, too", fix };
  return ok(`${name} = 1${later ? `, at boot by ${later.path}` : ""}`, subject);
};

export const forwardingCheck: Check = {
  id: "R1",
  name: "forwarding",
  area: "routing",
  severity: "fail",
  title: "the node forwards packets, also after a reboot",
  why: "pods reach their own node and nothing beyond it",
  run: (host, { podCidrs }) => [...new Set(podCidrs.map(cidrFamily))].map((family) => look(host, family)),
};
