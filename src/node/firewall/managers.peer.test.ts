/** Real managers of a host's firewall, told by `node firewall --apply`, read back by themselves, and left as they were by --remove. */
import { expect, test } from "bun:test";
import { onFreshHost } from "../testing/fresh-host.ts";
import { lifetime, type Seen, startFirewalld } from "./testing/lifetime.ts";

const idempotent = (seen: Seen): void => {
  expect(seen.before).not.toBe("");
  expect(seen.twice).toBe("");
  expect(seen.again).toBe(seen.after);
  expect(seen.gone).toBe(seen.before);
};

for (const variant of ["nft", "legacy"] as const)
  test(`iptables-${variant}: rules at the top of INPUT, and of FORWARD when that drops`, () => {
    const ipt = `iptables-${variant}`;
    const seen = lifetime(
      `${ipt} -P INPUT DROP; ${ipt} -A INPUT -p tcp --dport 22 -j ACCEPT; ${ipt} -P FORWARD DROP`,
      `${ipt} -S`,
      "control-plane",
    );
    idempotent(seen);
    const rules = seen.after.split("\n");
    expect(rules).toContain(
      '-A INPUT -p tcp -m tcp --dport 6443 -m comment --comment "podwire: kube-apiserver" -j ACCEPT',
    );
    expect(rules).toContain(
      '-A INPUT -s 10.0.0.0/24 -p udp -m udp --dport 8472 -m comment --comment "podwire: vxlan from 10.0.0.0/24" -j ACCEPT',
    );
    expect(rules.filter((r) => r.startsWith("-A FORWARD")).length).toBe(2);
    expect(rules.filter((r) => r.startsWith("-A INPUT")).at(-1)).toBe("-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT");
  });

test("nftables: rules at the top of a person's own chain, and in the file that is loaded at boot", () => {
  const own = `table inet mine { chain in { type filter hook input priority 0; policy drop; tcp dport 22 accept; }; }`;
  const seen = lifetime(
    `printf '#!/usr/sbin/nft -f\\nflush ruleset\\n${own}\\n' > /etc/nftables.conf; nft -f /etc/nftables.conf`,
    "nft list ruleset; nft -f /etc/nftables.conf; nft list ruleset",
  );
  idempotent(seen);
  expect(seen.after).toContain('tcp dport 30000-32767 accept comment "podwire: node-ports-tcp"');
  expect(seen.after).toContain('ip saddr 10.0.0.0/24 udp dport 8472 accept comment "podwire: vxlan from 10.0.0.0/24"');
});

test("ufw: rules with our comment; one that a person had made before is not touched", () => {
  const seen = lifetime("ufw --force enable > /dev/null; ufw allow 10256/tcp > /dev/null", "ufw status");
  idempotent(seen);
  expect(seen.after).toMatch(/^10250\/tcp +ALLOW +10\.0\.0\.0\/24 +# podwire: kubelet from 10\.0\.0\.0\/24$/m);
  expect(seen.after).toMatch(/^10\.244\.0\.0\/16 +ALLOW FWD +Anywhere +# podwire: pods$/m);
  expect(seen.after).toMatch(/^10256\/tcp +ALLOW +Anywhere *$/m);
});

test("firewalld: running and permanent alike, without a reload, in the zone of the card", () => {
  const seen = lifetime(
    `mkdir -p /etc/firewalld/zones; cp /usr/lib/firewalld/zones/internal.xml /etc/firewalld/zones
sed -i 's|<short>|<interface name="eth0"/>&|' /etc/firewalld/zones/internal.xml
${startFirewalld}
firewall-cmd -q --zone=public --add-port=4711/tcp`,
    `for p in "" --permanent; do firewall-cmd $p --list-all-zones; done | grep -E '^[a-z]|rule|sources: .|ports: .'`,
    "etcd",
    "none",
  );
  idempotent(seen);
  const rule = 'rule family="ipv4" source address="10.0.0.0/24" port port="2379" protocol="tcp" accept';
  expect(seen.after.split(rule).length - 1).toBe(2);
  expect(seen.after.split("sources: 10.244.0.0/16").length - 1).toBe(2);
  expect(
    seen.after.split(/^(?=[a-z])/m).filter((zone) => zone.startsWith("internal") && zone.includes(rule)).length,
  ).toBe(2);
  expect(seen.after).toContain("ports: 4711/tcp\n");
});

test("what fails half-way is taken back, and says what the manager said", () => {
  const out = onFreshHost(`
iptables-nft -P INPUT DROP
mkdir /mnt/bin
cat > /mnt/bin/iptables-nft <<'END'
#!/bin/bash
case "$*" in *-I*30000*) echo "no room" >&2; exit 4;; esac
exec /usr/sbin/iptables-nft "$@"
END
chmod +x /mnt/bin/iptables-nft; mount --bind /mnt/bin /usr/local/sbin
$podwire node firewall --role worker --apply 2>&1 && exit 1
iptables-nft -S; ls /var/lib/podwire
`);
  expect(out).toContain("ended with 4: no room");
  expect(out.match(/-A INPUT/g)).toBe(null);
  expect(out).not.toContain("firewall.json");
});

test("--confirm: without a word all of it is taken back, also when the one who asked is killed", () => {
  const out = onFreshHost(`
iptables-nft -P INPUT DROP
$podwire node firewall --role worker --apply --confirm 1s < /dev/null > /mnt/lines 2>&1 || echo "exit $?"
iptables-nft -S INPUT
sleep 100 | $podwire node firewall --role worker --apply --confirm 3s > /mnt/again 2>&1 &
until grep -qs Enter /mnt/again; do :; done
pkill -9 -f "[-]-apply --confirm"
iptables-nft -S INPUT | wc -l
while pgrep -f "[u]nless-confirmed" > /mnt/watcher; do :; done
echo "after the watcher"; iptables-nft -S INPUT
`);
  const [first = "", last = ""] = out.split("after the watcher\n");
  expect(first).toContain("exit 1\n-P INPUT DROP\n6\n");
  expect(last.trim()).toBe("-P INPUT DROP");
});

test("an Enter confirms", () => {
  const out = onFreshHost(`
iptables-nft -P INPUT DROP
echo | $podwire node firewall --role worker --apply --confirm 9s > /mnt/lines 2>&1
iptables-nft -S INPUT | grep -c podwire
grep -c unconfirmed /var/lib/podwire/firewall.json || true
`);
  expect(out.trim()).toBe("5\n0");
});

test("--print iptables is what every tutorial has, for the whole role", () => {
  const lines = onFreshHost("$podwire node firewall --role control-plane --network none --print iptables 2>/dev/null")
    .trim()
    .split("\n");
  for (const port of ["6443", "2379", "2380", "10250", "30000:32767"])
    expect(lines).toContain(`iptables -A INPUT -p tcp --dport ${port} -j ACCEPT`);
  expect(lines).not.toContain("iptables -A INPUT -p tcp --dport 10259 -j ACCEPT");
});
