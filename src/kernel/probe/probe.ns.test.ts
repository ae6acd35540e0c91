import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { withNetns } from "../testing/netns.ts";
import { tryRun } from "../testing/run.ts";
import { type Answer, no, probe, yes } from "./answer.ts";
import { probes } from "./registry.ts";

/** Without nft nobody can say: then the kernel of these tests, which has them all, is taken for granted. */
const nftOr = (rule: string) => (tryIn: (script: string) => boolean) =>
  Bun.which("nft") === null || tryIn(`nft 'add table inet t; ${rule}'`);
const nftOracles = {
  nf_tables: nftOr("add chain inet t c { type filter hook input priority 0; }"),
  "nft masquerade": nftOr("add chain inet t c { type nat hook postrouting priority 0; }; add rule inet t c masquerade"),
  "nft ct state": nftOr("add chain inet t c { type filter hook input priority 0; }; add rule inet t c ct state new"),
  "nft fib": nftOr("add chain inet t c { type filter hook input priority 0; }; add rule inet t c fib daddr type local"),
};

/** What `ip`, or a look at the machine, says to the same question. */
const oracles: Record<string, (tryIn: (script: string) => boolean) => boolean> = {
  CAP_NET_ADMIN: () =>
    (Number.parseInt(/CapEff:\s*(\w+)/.exec(readFileSync("/proc/self/status", "utf8"))![1]!.slice(-4), 16) &
      (1 << 12)) !==
    0,
  "network namespaces": () => tryRun(["unshare", "--net", "true"]).code === 0,
  "user namespaces": () => tryRun(["unshare", "--user", "true"]).code === 0,
  "sysctl writable": (tryIn) => tryIn("sysctl -q -w net.ipv4.ip_forward=0"),
  IPv6: (tryIn) => tryIn("ip -6 address add fd00::1/64 dev lo"),
  veth: (tryIn) => tryIn("ip link add x0 type veth peer name x1"),
  bridge: (tryIn) => tryIn("ip link add x0 type bridge"),
  "bridge vlan_filtering": (tryIn) => tryIn("ip link add x0 type bridge vlan_filtering 1"),
  br_netfilter: (tryIn) => tryIn("sysctl net.bridge.bridge-nf-call-iptables"),
  macvlan: (tryIn) => tryIn("ip link add x1 type veth peer name x2; ip link add x0 link x1 type macvlan mode bridge"),
  ipvlan: (tryIn) => tryIn("ip link add x1 type veth peer name x2; ip link add x0 link x1 type ipvlan"),
  vlan: (tryIn) => tryIn("ip link add x1 type veth peer name x2; ip link add x0 link x1 type vlan id 5"),
  dummy: (tryIn) => tryIn("ip link add x0 type dummy"),
  ifb: (tryIn) => tryIn("ip link add x0 type ifb"),
  tbf: (tryIn) => tryIn("tc qdisc add dev lo root tbf rate 1mbit burst 10k limit 10k"),
  fq_codel: (tryIn) => tryIn("tc qdisc add dev lo root fq_codel"),
  "clsact, u32 and mirred": (tryIn) =>
    tryIn(`tc qdisc add dev lo clsact
      tc filter add dev lo ingress u32 match u32 0 0 action mirred egress redirect dev lo`),
  vrf: (tryIn) => tryIn("ip link add x0 type vrf table 1"),
  vxlan: (tryIn) => tryIn("ip link add x0 type vxlan id 1 dstport 4789"),
  "iptables-legacy": (tryIn) => tryIn("test -e /proc/net/ip_tables_names"),
  ipip: (tryIn) => tryIn("ip link add x0 type ipip local 127.0.0.1"),
  wireguard: (tryIn) => tryIn("ip link add x0 type wireguard"),
  ...nftOracles,
  "tap devices": (tryIn) => tryIn("ip tuntap add dev x0 mode tap"),
};

for (const p of probes)
  test(`the probe "${p.name}" answers as a person would find by trying`, () =>
    withNetns((ns) => {
      const tryIn = (script: string): boolean =>
        tryRun(["nsenter", `--net=${ns.path}`, "sh", "-ec", script]).code === 0;
      const answer = p.ask();
      expect(answer.is).toBe(oracles[p.name]!(tryIn) ? "yes" : "no");
      if (answer.is === "no") expect(answer.needs).not.toBe("");
    }));

test("a conclusive answer is asked for once, an unclear one again, and nothing is thrown", () => {
  const answers: (Answer | Error)[] = [new Error("no idea"), { is: "unclear", error: 1 }, no("luck"), yes];
  const p = probe("luck", () => {
    const next = answers.shift()!;
    if (next instanceof Error) throw next;
    return next;
  });
  expect([p.ask().is, p.ask().is, p.ask().is, p.ask().is]).toEqual(["unclear", "unclear", "no", "no"]);
  expect(answers).toEqual([yes]);
});
