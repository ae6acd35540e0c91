/** Loads a ruleset of the corpus into a namespace, by the program that it is written for. */
import type { TestNetns } from "../../../kernel/testing/netns.ts";
import { run } from "../../../kernel/testing/run.ts";
import type { Case, Load } from "./corpus.ts";

const inside = (ns: TestNetns, argv: readonly string[], input?: string): string =>
  run(["nsenter", `--net=${ns.path}`, ...argv], input === undefined ? {} : { input });

type Program = Exclude<keyof Load, "both" | "both6">;
const programs: { readonly [K in Program]: readonly string[] } = {
  nft: ["nft", "-f", "-"],
  iptables: ["iptables-nft-restore"],
  ip6tables: ["ip6tables-nft-restore"],
  legacy: ["iptables-legacy-restore"],
  legacy6: ["ip6tables-legacy-restore"],
  sh: ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-e"],
};

const clear = (ns: TestNetns): void => {
  inside(ns, [
    "sh",
    "-c",
    `nft flush ruleset
     for v in ip ip6; do
       for t in $(cat /proc/net/\${v}_tables_names 2>/dev/null); do
         printf '*%s\\n' $t
         case $t in
           filter|security) c="INPUT FORWARD OUTPUT";;
           raw) c="PREROUTING OUTPUT";;
           nat) c="PREROUTING INPUT OUTPUT POSTROUTING";;
           *) c="PREROUTING INPUT FORWARD OUTPUT POSTROUTING";;
         esac
         for x in $c; do echo ":$x ACCEPT"; done
         echo COMMIT
       done | \${v}tables-legacy-restore
     done
     sysctl -qw net.bridge.bridge-nf-call-iptables=0 net.ipv4.conf.up0.forwarding=1
     ip rule del fwmark 7 prohibit 2>/dev/null; ip route flush table main type blackhole; ip route flush table main type unreachable
     sysctl -qw net.ipv4.conf.up0.rp_filter=0 net.ipv4.conf.all.rp_filter=0
     ipset destroy 2>/dev/null; conntrack -F 2>/dev/null; true`,
  ]);
};

/** After whatever was there has gone. */
export const load = (ns: TestNetns, c: Case): void => {
  clear(ns);
  for (const one of c.load)
    for (const [how, text] of Object.entries(one)) inside(ns, programs[how as Program], text as string);
};
