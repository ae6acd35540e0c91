/** R2: answers between two pods of one bridge pass netfilter, which must put a service's address back. */
import { cidrFamily } from "../../base/cidr.ts";
import type { Check, Finding } from "../check.ts";
import { ok, sysctlFix } from "../finding.ts";
import type { Host } from "../host.ts";
import { bridgesOf, chosenConf } from "../reads/network-confs.ts";

const names = { 4: "net.bridge.bridge-nf-call-iptables", 6: "net.bridge.bridge-nf-call-ip6tables" } as const;

const moduleFile = "/etc/modules-load.d/podwire-bridge.conf";

const loaded = (host: Host): boolean =>
  ["/etc/modules-load.d", "/run/modules-load.d", "/usr/lib/modules-load.d", "/lib/modules-load.d"].some((dir) =>
    host.list(dir).some((name) => /^\s*br_netfilter\s*$/m.test(host.read(`${dir}/${name}`) ?? "")),
  );

const look = (host: Host, family: 4 | 6): Finding => {
  const name = names[family];
  const now = host.sysctl(name);
  const subject = `IPv${family}`;
  if (now === undefined)
    return {
      outcome: "fail",
      subject,
      seen: "the module br_netfilter is not loaded",
      want: `${name} = 1`,
      fix: {
        command: `modprobe br_netfilter && echo br_netfilter > ${moduleFile}`,
        undo: `rm ${moduleFile} && modprobe -r br_netfilter`,
        survivesReboot: true,
      },
    };
  if (now !== "1")
    return { outcome: "fail", subject, seen: `${name} = ${now}`, want: "1", fix: sysctlFix(host, name, "1", now) };
  if (host.kind === "machine" && !loaded(host))
    return {
      outcome: "warn",
      subject,
      seen: `${name} = 1 now; no file loads br_netfilter at boot`,
      want: "loaded at boot, too",
      fix: { command: `echo br_netfilter > ${moduleFile}`, undo: `rm ${moduleFile}`, survivesReboot: true },
    };
  return ok(`${name} = 1`, subject);
};

export const bridgeNetfilterCheck: Check = {
  id: "R2",
  name: "bridge-netfilter",
  area: "routing",
  severity: "fail",
  title: "what a pods' bridge passes on goes through netfilter",
  why: "a pod that asks a service and is answered by a pod of its own node waits for ever: the answer has the wrong sender",
  run: (host, { podCidrs }) => {
    // Routed pods (ptp, Calico) have no bridge, and need none of this.
    if (bridgesOf(chosenConf(host)).length === 0) return [];
    // The module is the machine's; a lab has no services that would need it.
    if (host.kind === "lab-node" && host.sysctl(names[4]) === undefined) return [];
    return [...new Set(podCidrs.map(cidrFamily))].map((family) => look(host, family));
  },
};
