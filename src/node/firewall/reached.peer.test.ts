/**
 * Whoever runs `node firewall` stays connected: a connection that is there, and new ones to SSH, pass before, during and after
 * --apply, a roll-back and --remove; what the role needs passes while it is applied, and not before and after. Real packets.
 */
import { expect, test } from "bun:test";
import { onFreshHost } from "../testing/fresh-host.ts";
import { startFirewalld } from "./testing/lifetime.ts";

/** Packets are not answered at once when they are dropped: a connection then fails after as many seconds. */
const patience = 1;

const stays = (make: string): string =>
  onFreshHost(`
ip netns add outside; ip link set wire netns outside
ip -n outside link set lo up; ip -n outside address add 10.0.0.1/24 dev wire; ip -n outside link set wire up
coproc server { python3 ${import.meta.dir}/testing/echo.py 22 2379; }
read -r _ <&"\${server[0]}"
${make}
outside() { ip netns exec outside "$@"; }
# One line there and back by a new connection.
new() { outside timeout ${patience} bash -c "exec 3<>/dev/tcp/10.0.0.5/$1; echo x >&3; read -r _ <&3" 2> /dev/null; }
coproc old { outside bash -c 'exec 3<>/dev/tcp/10.0.0.5/22; while read -r l; do echo "$l" >&3; read -r -t 20 l <&3 || exit 1; echo "$l"; done'; } 2> /dev/null
look() {
  echo "$1" >&"\${old[1]}"; read -r -t 30 -u "\${old[0]}" said || said=dead
  new 22 && ssh=open || ssh=closed
  new 2379 && etcd=open || etcd=closed
  echo "$1: $said, SSH $ssh, etcd $etcd"
}
look before
$podwire node firewall --role etcd --network none --from 10.0.0.0/24 --apply > /mnt/out 2>&1; look applied
$podwire node firewall --remove > /mnt/out 2>&1; look removed
$podwire node firewall --role etcd --network none --from 10.0.0.0/24 --apply --confirm 1s < /dev/null > /mnt/out 2>&1 || true; look rolled-back
`).trim();

const expected = `before: before, SSH open, etcd closed
applied: applied, SSH open, etcd open
removed: removed, SSH open, etcd closed
rolled-back: rolled-back, SSH open, etcd closed`;

const managers: Readonly<Record<string, string>> = {
  "iptables-nft": `iptables-nft -P INPUT DROP; iptables-nft -A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
iptables-nft -A INPUT -p tcp --dport 22 -j ACCEPT`,
  "iptables-legacy": `iptables-legacy -P INPUT DROP
iptables-legacy -A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
iptables-legacy -A INPUT -p tcp --dport 22 -j ACCEPT`,
  nftables: `nft -f - <<'END'
table inet mine { chain in { type filter hook input priority 0; policy drop; ct state established,related accept; tcp dport 22 accept; }; }
END`,
  ufw: "ufw allow 22/tcp > /dev/null; ufw --force enable > /dev/null",
  firewalld: startFirewalld,
};

for (const [name, make] of Object.entries(managers))
  test(`${name}: established connections and SSH stay, whatever is applied, removed or taken back`, () => {
    expect(stays(make)).toBe(expected);
  });
