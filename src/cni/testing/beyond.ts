/** Traffic tests: a network beyond the host, and what came from where. */
import type { TestNetns } from "../../kernel/testing/netns.ts";
import type { Stage } from "./stage.ts";

/**
 * 192.0.2.2 and fd00:99::2, by way of the host's 192.0.2.1 and fd00:99::1, which has no way back to pods. Counts what comes
 * to TCP port 9: `host4`, `host6` from the host, `pod4` from 10.1.2.0/24.
 */
export const beyond = (s: Stage): TestNetns => {
  const out = s.pod();
  for (const ns of [out, s.host]) ns.sh("sysctl -qw net.ipv6.conf.default.accept_dad=0");
  s.host.sh(`ip link add up0 type veth peer name eth0 netns ${out.name}
    ip addr add 192.0.2.1/24 dev up0; ip addr add fd00:99::1/64 dev up0 nodad; ip link set up0 up
    sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1`);
  out.sh("ip addr add 192.0.2.2/24 dev eth0; ip addr add fd00:99::2/64 dev eth0 nodad; ip link set eth0 up");
  count(out, { host4: "ip saddr 192.0.2.1", host6: "ip6 saddr fd00:99::1", pod4: "ip saddr 10.1.2.0/24" });
  return out;
};

/** Counts what comes in to TCP port 9, by matches of nft. */
export const count = (ns: TestNetns, matches: Readonly<Record<string, string>>): void => {
  const rules = Object.entries(matches).map(
    ([name, match]) => `add rule inet t in ${match} tcp dport 9 counter comment "${name}"`,
  );
  ns.sh(`nft 'add table inet t; add chain inet t in { type filter hook input priority 0; }
    ${rules.join("\n")}'`);
};

export const counted = (ns: TestNetns, comment: string): number =>
  Number(ns.sh("nft list ruleset").match(new RegExp(`packets (\\d+) bytes \\d+ comment "${comment}"`))?.[1]);

/** A TCP connection to port 9: one that is refused has been there and back. */
export const knock = (from: TestNetns, to: string): string =>
  from.sh(`LC_ALL=C timeout 5 bash -c '</dev/tcp/${to}/9' 2>&1 || :`);
export const refused = /Connection refused/;
