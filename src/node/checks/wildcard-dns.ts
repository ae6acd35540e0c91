/** D3: no domain of the search list answers for names that are not there. */
import { tryIp } from "../../base/ip.ts";
import { askDns } from "../../kernel/os/ask-dns.ts";
import { randomBytes } from "../../kernel/os/random.ts";
import type { Check, Finding } from "../check.ts";
import { ok } from "../finding.ts";
import { kubeletResolvConf, readResolvConf } from "../reads/resolv-conf.ts";

const waitMs = 300;

export const wildcardDnsCheck: Check = {
  id: "D3",
  name: "wildcard-dns",
  area: "names",
  severity: "warn",
  title: "no search domain answers for every name",
  why: "pods try each name with each search domain behind it first: names of the cluster, and of the world, lead to one strange address",
  run: (host) => {
    const { path } = kubeletResolvConf(host);
    const conf = readResolvConf(host, path);
    const domains = (conf?.search ?? []).filter((domain) => domain !== "." && /^[\w.-]{1,200}$/.test(domain));
    const servers = (conf?.nameservers ?? []).slice(0, 3).flatMap((text) => tryIp(text) ?? []);
    if (domains.length === 0 || servers.length === 0) return [];
    const label = `podwire-${Buffer.from(randomBytes(6)).toString("hex")}`;
    const names = domains.map((domain) => `${label}.${domain}`);
    const answers = host.ns.enter(() => askDns(servers, names, waitMs));
    return domains.map((domain, i): Finding => {
      const answer = answers[i];
      if (!answer)
        return {
          outcome: "unknown",
          subject: domain,
          seen: `no name server answered in ${waitMs} ms`,
          want: "an answer",
        };
      if (answer.code !== 0 || answer.answers === 0) return ok("knows no such name", domain);
      return {
        outcome: "warn",
        subject: domain,
        seen: `has an address for ${names[i]}, which nobody made`,
        want: "no wildcard there, or no such search domain",
        fix: {
          command: `sed -i -E '/^(search|domain)/s/ ${domain.replaceAll(".", "\\.")}( |$)/\\1/' ${path}`,
          undo: `sed -i -E '/^search/s/$/ ${domain}/' ${path}`,
          survivesReboot: false,
        },
      };
    });
  },
};
