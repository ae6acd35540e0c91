/** Who rules a host's packets, by what is seen of it. */
import { expect, test } from "bun:test";
import { rulersOf } from "./plan.ts";
import { around, chain, type Made } from "./testing/around.ts";

const quiet = { policy: "accept", drops: false, rules: 3 } as const;

const hosts: Readonly<Record<string, { readonly host: Made; readonly rulers: readonly string[] }>> = {
  "nothing at all": { host: {}, rulers: [] },
  "iptables with a policy": { host: { chains: [chain("ip filter INPUT", "input")] }, rulers: ["iptables-nft"] },
  "iptables of IPv6 alone": { host: { chains: [chain("ip6 filter INPUT", "input")] }, rulers: ["iptables-nft"] },
  "iptables whose rules let everything in": {
    host: { chains: [chain("ip filter INPUT", "input", quiet)] },
    rulers: [],
  },
  "iptables that drops only what the host sends": {
    host: { chains: [chain("ip filter OUTPUT", "output")] },
    rulers: [],
  },
  "iptables that only changes addresses": { host: { chains: [chain("ip nat PREROUTING", "prerouting")] }, rulers: [] },
  "kube-proxy by iptables": {
    host: {
      chains: [
        chain("ip filter INPUT", "input", quiet),
        chain("ip filter FORWARD", "forward", quiet),
        chain("ip filter KUBE-FIREWALL"),
      ],
    },
    rulers: [],
  },
  "kube-proxy by nf_tables": { host: { chains: [chain("ip kube-proxy filter-input", "input")] }, rulers: [] },
  "podwire's own tables": { host: { chains: [chain("inet podwire_firewall_1 input", "input")] }, rulers: [] },
  "Cilium and Calico": {
    host: { chains: [chain("inet cilium x", "input"), chain("ip calico y", "input")] },
    rulers: [],
  },
  "Docker, whose FORWARD drops": {
    host: { chains: [chain("ip filter INPUT", "input", quiet), chain("ip filter FORWARD", "forward")] },
    rulers: ["iptables-nft"],
  },
  "tables of one's own": { host: { chains: [chain("inet mine in", "input")] }, rulers: ["nftables"] },
  "tables of one's own that drop nothing": { host: { chains: [chain("inet mine in", "input", quiet)] }, rulers: [] },
  firewalld: { host: { chains: [chain("inet firewalld filter_INPUT", "input")] }, rulers: ["firewalld"] },
  "firewalld by iptables": {
    host: { chains: [chain("ip filter INPUT", "input"), chain("ip filter INPUT_ZONES")] },
    rulers: ["firewalld"],
  },
  "firewalld by the older iptables": {
    host: { older: [chain("ip filter INPUT", "input"), chain("ip filter INPUT_ZONES")] },
    rulers: ["firewalld"],
  },
  "firewalld beside Docker, whose FORWARD drops": {
    host: { chains: [chain("inet firewalld filter_INPUT", "input"), chain("ip filter FORWARD", "forward")] },
    rulers: ["firewalld", "iptables-nft"],
  },
  ufw: {
    host: { chains: [chain("ip filter INPUT", "input"), chain("ip filter ufw-user-input")] },
    rulers: ["ufw"],
  },
  "ufw by the older iptables": {
    host: { older: [chain("ip filter INPUT", "input"), chain("ip filter ufw-user-input")] },
    rulers: ["ufw"],
  },
  "ufw that is there and off": {
    host: { older: [chain("ip filter INPUT", "input")], files: { "/etc/ufw/ufw.conf": "ENABLED=no\n" } },
    rulers: ["iptables-legacy"],
  },
  "the older iptables": { host: { older: [chain("ip filter INPUT", "input")] }, rulers: ["iptables-legacy"] },
  "the older iptables of IPv6": { host: { older: [chain("ip6 filter INPUT", "input")] }, rulers: ["iptables-legacy"] },
  "the older iptables that drops nothing": { host: { older: [chain("ip filter INPUT", "input", quiet)] }, rulers: [] },
  "the older iptables, addresses alone": { host: { older: [chain("ip nat PREROUTING", "prerouting")] }, rulers: [] },
  "several at once": {
    host: {
      chains: [chain("ip filter INPUT", "input"), chain("inet mine in", "input")],
      older: [chain("ip filter FORWARD", "forward")],
    },
    rulers: ["iptables-nft", "iptables-legacy", "nftables"],
  },
};

for (const [name, { host, rulers }] of Object.entries(hosts))
  test(`${name}: ${rulers.length > 0 ? rulers.join(", ") : "nobody"}`, () => {
    const seen = rulersOf(around(host));
    expect(seen.map((r) => r.manager as string)).toEqual([...rulers]);
    for (const { because } of seen) expect(because.length).toBeGreaterThan(10);
  });
