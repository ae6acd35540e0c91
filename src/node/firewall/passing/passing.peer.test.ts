/** What --apply cannot open is said: rules of others that drop, before or after ours, with whoever made them. */
import { expect, test } from "bun:test";
import { onFreshHost } from "../../testing/fresh-host.ts";
import { section, startFirewalld } from "../testing/lifetime.ts";

const asked = "node firewall --role etcd --network none --from 10.0.0.0/24";
const told = (make: string): { readonly before: string; readonly after: string } => {
  const out = onFreshHost(`
${make}
say() { echo "== $1"; $podwire ${asked} $2 2>&1 > /mnt/lines && echo "exit 0" || echo "exit $?"; }
say before --dry-run
say after --apply
`);
  const kept = (name: string): string =>
    section(out, name)
      .split("\n")
      .filter((line) => /^(still|would|exit| {2})/.test(line))
      .join("\n");
  return { before: kept("before"), after: kept("after") };
};

const all = { before: "exit 0", after: "exit 0" };
const managers: Readonly<Record<string, string>> = {
  "nobody at all": ":",
  "iptables-nft": "iptables-nft -P INPUT DROP; iptables-nft -P FORWARD DROP",
  "iptables-legacy": "iptables-legacy -P INPUT DROP; iptables-legacy -P FORWARD DROP",
  nftables: `nft 'table inet mine { chain in { type filter hook input priority 0; policy drop; }; }'`,
  "both kinds of iptables and a table of one's own": `iptables-nft -P INPUT DROP; iptables-legacy -A INPUT -j REJECT
nft 'table inet mine { chain in { type filter hook input priority 5; tcp dport != 22 drop; }; }'`,
  ufw: "ufw --force enable > /dev/null",
  firewalld: startFirewalld,
  "firewalld with rules of iptables": `sed -i s/^FirewallBackend=.*/FirewallBackend=iptables/ /etc/firewalld/firewalld.conf
${startFirewalld}`,
  "Docker's FORWARD, with a bridge of pods": `ip link add cni0 type bridge; ip address add 10.244.1.1/24 dev cni0
ip link set cni0 up; echo 1 > /proc/sys/net/ipv4/ip_forward
iptables-nft -P FORWARD DROP; for c in DOCKER-USER DOCKER-FORWARD; do iptables-nft -N $c; iptables-nft -A FORWARD -j $c; done
iptables-nft -A DOCKER-FORWARD -i docker0 -j ACCEPT`,
};

for (const [name, make] of Object.entries(managers))
  test(`${name}: once told, nothing is kept out, and --dry-run knows that before`, () => {
    expect(told(make)).toEqual(all);
  });

test("a drop before routing, which no manager is told of: said with the rule, its owner, and what mends it", () => {
  const { before, after } = told(`iptables-nft -P INPUT DROP
iptables-nft -t raw -A PREROUTING -p tcp --dport 2380 -j DROP`);
  expect(before).toBe(after.replaceAll(/^still /gm, "would still be "));
  expect(after).toMatch(/^still dropped: tcp\/2380 from 10\.0\.0\.1 to 10\.0\.0\.5/);
  expect(after).toContain(
    "by someone (iptables-nft), ip raw PREROUTING rule 1: -A PREROUTING -p tcp -m tcp --dport 2380",
  );
  expect(after).toContain("mend it: iptables -t raw -I PREROUTING 1 -s 10.0.0.1 -p tcp --dport 2380 -j ACCEPT");
  expect(after.match(/^still/gm)?.length).toBe(1);
  expect(after).toEndWith("exit 1");
});

test("a drop of what pods send, in a chain that is no filter's", () => {
  const { before, after } = told(`ip link add cni0 type bridge; ip address add 10.244.1.1/24 dev cni0
ip link set cni0 up; echo 1 > /proc/sys/net/ipv4/ip_forward
iptables-nft -t mangle -A FORWARD -s 10.244.0.0/16 -o eth0 -j DROP`);
  expect(before).toBe(after.replaceAll(/^still /gm, "would still be "));
  expect(after).toMatch(
    /^still dropped: tcp\/443 from 10\.244\.1\.2 to .* in cni0\n {2}by someone \(iptables-nft\), ip mangle/,
  );
});

test("ufw: a person's own refusal stands before ours", () => {
  const { before, after } = told("ufw --force enable > /dev/null; ufw deny 2379/tcp > /dev/null");
  expect(after).toContain("still dropped: tcp/2379");
  expect(after).toContain("by ufw (iptables-nft), ip filter ufw-user-input");
  expect(before).toBe(after.replaceAll(/^still /gm, "would still be "));
});
