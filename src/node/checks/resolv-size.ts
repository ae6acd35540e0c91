/** D2: resolv.conf has what pods need, and no more than they can use. */
import type { Check, Finding } from "../check.ts";
import { count, ok } from "../finding.ts";
import { kubeletResolvConf, readResolvConf } from "../reads/resolv-conf.ts";

/** Kubernetes' limits (validation.MaxDNS...), less the three domains of the cluster that pods get besides. */
const most = { servers: 3, domains: 32 - 3, characters: 2048 } as const;

export const resolvSizeCheck: Check = {
  id: "D2",
  name: "resolv-size",
  area: "names",
  severity: "warn",
  title: "resolv.conf has one to three name servers and a short search list",
  why: "pods cannot resolve, or kubelet leaves servers and domains out ('DNSConfigForming') and some names are found on some nodes only",
  run: (host) => {
    const { path } = kubeletResolvConf(host);
    const conf = readResolvConf(host, path);
    const edit = { command: `\${EDITOR:-vi} ${path}`, survivesReboot: false };
    if (conf === undefined) {
      if (host.kind === "lab-node") return [];
      return [{ outcome: "warn", seen: `there is no ${path}`, want: "one with a nameserver", fix: edit }];
    }
    const { nameservers, search } = conf;
    const characters = search.join(" ").length;
    const findings: Finding[] = [];
    const warn = (subject: string, seen: string, want: string): void => {
      findings.push({ outcome: "warn", subject, seen, want, fix: edit });
    };
    if (nameservers.length === 0) warn("nameserver", `none in ${path}`, "1 to 3");
    if (nameservers.length > most.servers)
      warn(
        "nameserver",
        `${nameservers.length} in ${path}: ${nameservers.slice(most.servers).join(", ")} not used`,
        "1 to 3",
      );
    if (search.length > most.domains || characters > most.characters)
      warn(
        "search",
        `${search.length} domains, ${characters} characters`,
        `${most.domains} domains, ${most.characters} characters`,
      );
    if (findings.length > 0) return findings;
    return [ok(`${count(nameservers.length, "server")}, ${count(search.length, "search domain")}`)];
  },
};
