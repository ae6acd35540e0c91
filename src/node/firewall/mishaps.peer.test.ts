/** What goes wrong around `node firewall --apply` and --remove: nothing is left half-done, and each says what to do. */
import { expect, test } from "bun:test";
import { onFreshHost } from "../testing/fresh-host.ts";
import { section, startFirewalld } from "./testing/lifetime.ts";

const drop = "iptables-nft -P INPUT DROP; iptables-nft -A INPUT -p tcp --dport 22 -j ACCEPT";
const untouched = "-P INPUT DROP\n-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT";
const show = (name: string): string => `echo "== ${name}"; iptables-nft -S INPUT`;
const apply = "$podwire node firewall --role worker --from 10.0.0.0/24 --apply";
const remove = "$podwire node firewall --remove";
/** Words and exit status, in a section of their own. */
const failing = (name: string, command: string): string =>
  `echo "== ${name}"; ${command} > /mnt/out 2>&1 && echo "exit 0" || echo "exit $?"; cat /mnt/out`;

test("without root: who rules cannot be seen, and is said so; --print works; --apply does not", () => {
  const nobody = "setpriv --reuid=65534 --regid=65534 --clear-groups";
  const out = onFreshHost(`
cp $podwire /mnt/podwire; podwire=/mnt/podwire; chmod 755 /mnt /mnt/podwire
${drop}
${failing("look", `${nobody} $podwire node firewall --role worker`)}
${failing("print", `${nobody} $podwire node firewall --role worker --print iptables-nft`)}
${failing("nft", `${nobody} $podwire node firewall --role worker --print nftables`)}
${failing("apply", `${nobody} ${apply}`)}
${failing("remove", `${nobody} ${remove}`)}
`);
  expect(section(out, "look")).toMatch(/^exit 2\n.*needs CAP_NET_ADMIN; --print MANAGER works without/);
  expect(section(out, "print")).toMatch(/^exit 0\n/);
  expect(section(out, "print")).toContain("the kernel shows its rules to root alone");
  expect(section(out, "print")).toContain("iptables-nft -w -I INPUT -p tcp --dport 10250");
  expect(section(out, "nft")).toContain("nft insert rule inet filter input tcp dport 10250 accept");
  for (const name of ["apply", "remove"])
    expect(section(out, name)).toMatch(/^exit 2\n.*change the firewall: no permission/);
});

test("a manager whose program is missing: how to install it, and nothing is changed", () => {
  const out = onFreshHost(`
${drop}
cp $(readlink -f /usr/sbin/iptables-nft) /mnt/iptables-nft
mount --bind /dev/null /usr/sbin/iptables-nft
${failing("apply", apply)}
echo "== rules"; /mnt/iptables-nft -S INPUT; ls /var/lib
`);
  expect(section(out, "apply")).toContain("exit 2");
  expect(section(out, "apply")).toContain("program iptables-nft: iptables-nft rules packets here");
  expect(section(out, "apply")).toContain("apt install iptables");
  expect(section(out, "rules")).toBe(untouched);
});

test("a full disk: nothing is changed, and nothing is left of the record", () => {
  const out = onFreshHost(`
${drop}
mkdir /var/lib/podwire; mount -t tmpfs -o size=4k tmpfs /var/lib/podwire
head -c 4096 /dev/zero > /var/lib/podwire/full
${failing("apply", apply)}
${show("rules")}; ls /var/lib/podwire
rm /var/lib/podwire/full; mount -o remount,size=1m /var/lib/podwire
${apply} > /mnt/out; ${remove} > /mnt/out
${show("later")}
`);
  expect(section(out, "apply")).toMatch(/^exit 2\n[\s\S]*no space left/);
  expect(section(out, "rules")).toBe(`${untouched}\nfull`);
  expect(section(out, "later")).toBe(untouched);
});

test("a record that is broken: nothing is changed, and what to do is said", () => {
  const out = onFreshHost(`
${drop}
mkdir /var/lib/podwire; echo '{"kind": "Firewall' > /var/lib/podwire/firewall.json
${failing("apply", apply)}
${failing("remove", remove)}
${show("rules")}
`);
  for (const name of ["apply", "remove"]) {
    expect(section(out, name)).toContain("exit 2");
    expect(section(out, name)).toContain("mv /var/lib/podwire/firewall.json /var/lib/podwire/firewall.json.broken");
  }
  expect(section(out, "rules")).toBe(untouched);
});

test("--remove after rules were taken away by hand, one or all, and after the table is gone", () => {
  const out = onFreshHost(`
${drop}
${apply} > /mnt/out
iptables-nft -D INPUT 1
${remove} > /mnt/out; ${show("one")}
${apply} > /mnt/out
iptables-nft -F INPUT
${remove} > /mnt/out; ${show("all")}
${apply} > /mnt/out
nft flush ruleset
${remove} > /mnt/out; echo "== table"; nft list ruleset; ls /var/lib/podwire
`);
  expect(section(out, "one")).toBe(untouched);
  expect(section(out, "all")).toBe("-P INPUT DROP");
  expect(section(out, "table")).not.toContain("podwire");
});

test("nftables: --remove after a flush, after a reload, after the chain or the table went", () => {
  const own = `table inet mine { chain in { type filter hook input priority 0; policy drop; tcp dport 22 accept; }; }`;
  const out = onFreshHost(`
printf 'flush ruleset\\n${own}\\n' > /etc/nftables.conf; nft -f /etc/nftables.conf
nft list ruleset > /mnt/before; cp /etc/nftables.conf /mnt/conf
gone() { ${remove} > /mnt/out; cmp /etc/nftables.conf /mnt/conf; test ! -e /var/lib/podwire/firewall.json; }
${apply} > /mnt/out; nft flush chain inet mine in; gone; nft -f /etc/nftables.conf
${apply} > /mnt/out; nft -f /etc/nftables.conf; nft list ruleset | grep -c podwire; gone; nft list ruleset | cmp - /mnt/before
${apply} > /mnt/out; cp /mnt/conf /etc/nftables.conf; nft -f /etc/nftables.conf; gone; nft list ruleset | cmp - /mnt/before
${apply} > /mnt/out; nft flush chain inet mine in; nft delete chain inet mine in; gone
nft -f /etc/nftables.conf; ${apply} > /mnt/out; nft flush ruleset; gone; nft list ruleset
`);
  expect(out.trim()).toBe("6");
});

test("ufw: --remove after a rule was deleted by hand, after a reload, after ufw was turned off", () => {
  const out = onFreshHost(`
ufw --force enable > /dev/null; ufw allow 22/tcp > /dev/null; ufw status > /mnt/before
$podwire node firewall --role etcd --network none --from 10.0.0.0/24 --apply > /mnt/out
ufw delete allow from 10.0.0.0/24 to any port 2379 proto tcp > /dev/null; ufw reload > /dev/null
${remove} > /mnt/out; ufw status | cmp - /mnt/before
$podwire node firewall --role etcd --network none --from 10.0.0.0/24 --apply > /mnt/out
ufw disable > /dev/null
${remove} > /mnt/out; ufw --force enable > /dev/null; ufw status | cmp - /mnt/before
echo same
`);
  expect(out.trim()).toBe("same");
});

test("a kill at any change: --remove takes away exactly what was done", () => {
  const out = onFreshHost(`
${drop}; iptables-nft -P FORWARD DROP; iptables-nft -S > /mnt/before
mkdir /mnt/bin
cat > /mnt/bin/iptables-nft <<'END'
#!/bin/bash
case "$*" in *"-I "*)
  echo x >> /mnt/count
  if [ "$(wc -l < /mnt/count)" = "$(cat /mnt/at)" ]; then
    [ "$(cat /mnt/when)" = before ] || /usr/sbin/iptables-nft "$@"
    kill -9 $PPID; exit 0
  fi;;
esac
exec /usr/sbin/iptables-nft "$@"
END
chmod +x /mnt/bin/iptables-nft; mount --bind /mnt/bin /usr/local/sbin
for when in before after; do for at in 1 2 4 7; do
  echo $at > /mnt/at; echo $when > /mnt/when; : > /mnt/count
  { ${apply} > /mnt/out 2>&1; } 2> /dev/null && exit 1
  echo "$when $at: $(iptables-nft -S | grep -c podwire) rules"
  echo 0 > /mnt/at
  ${remove} > /mnt/out 2>&1 || { cat /mnt/out; exit 1; }
  iptables-nft -S | cmp - /mnt/before; test ! -e /var/lib/podwire/firewall.json
done; done
`);
  const rules = (when: string, n: number): string[] =>
    [1, 2, 4, 7].map((at) => `${when} ${at}: ${at - (n === 0 ? 1 : 0)} rules`);
  expect(out.trim().split("\n")).toEqual([...rules("before", 0), ...rules("after", 1)]);
});

test("an --apply after a kill goes on where it was, and then --remove takes all of it", () => {
  const out = onFreshHost(`
${drop}; iptables-nft -S > /mnt/before
mkdir /mnt/bin
printf '#!/bin/bash\\n[[ "$*" == *"-I INPUT"*30000* ]] && kill -9 $PPID\\nexec /usr/sbin/iptables-nft "$@"\\n' > /mnt/bin/iptables-nft
chmod +x /mnt/bin/iptables-nft; mount --bind /mnt/bin /usr/local/sbin
{ ${apply} > /mnt/out 2>&1; } 2> /dev/null && exit 1
umount /usr/local/sbin
${apply} > /mnt/out; iptables-nft -S | sort > /mnt/went-on
${remove} > /mnt/out; iptables-nft -S | cmp - /mnt/before
${apply} > /mnt/out; iptables-nft -S | sort | cmp - /mnt/went-on
echo same
`);
  expect(out.trim()).toBe("same");
});

test("two at once: one waits for the other, and each rule is there once", () => {
  const out = onFreshHost(`
${drop}
${apply} > /mnt/one 2>&1 & one=$!
${apply} > /mnt/two 2>&1 & two=$!
wait $one; wait $two
iptables-nft -S INPUT | grep -c podwire; iptables-nft -S INPUT | sort | uniq -d
grep -h "rules added" /mnt/one /mnt/two | sort
${remove} > /mnt/out; iptables-nft -S INPUT
`);
  expect(out.trim()).toBe(`6\n0 rules added, 6 were there\n6 rules added, 0 were there\n${untouched}`);
});

test("another role: what it does not need goes, what it needs comes", () => {
  const out = onFreshHost(`
${drop}
$podwire node firewall --role worker --from 10.0.0.0/24 --apply > /mnt/out; iptables-nft -S | sort > /mnt/worker
$podwire node firewall --role control-plane --from 10.0.0.0/24 --apply > /mnt/out
iptables-nft -S | grep -c 6443
$podwire node firewall --role worker --from 10.0.0.0/24 --apply > /mnt/out; iptables-nft -S | sort | cmp - /mnt/worker
${remove} > /mnt/out; iptables-nft -S INPUT
`);
  expect(out.trim()).toBe(`1\n${untouched}`);
});

test("a host of IPv6 alone", () => {
  const out = onFreshHost(`
ip address flush dev eth0; ip -6 address add fd00::5/64 dev eth0 nodad; ip -6 route add default via fd00::1
ip6tables-nft -P INPUT DROP; iptables-nft -P INPUT DROP
$podwire node firewall --role worker --from fd00::/64 --pod-cidr fd00:244::/56 --apply > /mnt/out
ip6tables-nft -S INPUT | grep -c podwire; iptables-nft -S INPUT
${remove} > /mnt/out; ip6tables-nft -S INPUT
`);
  expect(out.trim()).toBe("6\n-P INPUT DROP\n-P INPUT DROP");
});

test("a container without any file in /etc", () => {
  const out = onFreshHost(`
${drop}
mount -t tmpfs tmpfs /etc
${apply} > /mnt/out; ${remove} > /mnt/out; iptables-nft -S INPUT
`);
  expect(out.trim()).toBe(untouched);
});

test("firewalld: --remove after a reload, after the zone went, and while it does not run", () => {
  const tell = "$podwire node firewall --role etcd --network none --from 10.0.0.0/24 --apply";
  const out = onFreshHost(`
mkdir -p /etc/firewalld/zones; cp /usr/lib/firewalld/zones/work.xml /etc/firewalld/zones/mine.xml
${startFirewalld}
firewall-cmd -q --set-default-zone=mine
${tell} > /mnt/out; firewall-cmd -q --reload; firewall-cmd --zone=mine --list-rich-rules | wc -l
kill %1; wait || true
${failing("asleep", remove)}
grep -c '"manager"' /var/lib/podwire/firewall.json
rm /etc/firewalld/zones/mine.xml; sed -i s/=mine/=public/ /etc/firewalld/firewalld.conf
${startFirewalld.split("\n").slice(1).join("\n")}
${failing("zone", remove)}
ls /var/lib/podwire; firewall-cmd --permanent --zone=trusted --list-sources
`);
  expect(out).toStartWith("2\n");
  expect(section(out, "asleep")).toContain("exit 2");
  expect(section(out, "asleep")).toContain("systemctl start firewalld");
  // What was for good is still there, and known; what was for the running firewall went with it.
  expect(section(out, "asleep")).toEndWith("\n3");
  expect(section(out, "zone")).toMatch(/^exit 0\n/);
  expect(section(out, "zone")).toEndWith("rules taken away");
});

test("what waits for an Enter is kept when another --apply wants the same meanwhile", () => {
  const out = onFreshHost(`
${drop}
mkfifo /mnt/keys; exec 9<> /mnt/keys
${apply} --confirm 2s < /mnt/keys > /mnt/one 2>&1 & one=$!
until grep -qs Enter /mnt/one; do :; done
${apply} 2>&1 | grep added
wait $one && exit 1
while pgrep -f "[u]nless-confirmed" > /mnt/watcher; do :; done
iptables-nft -S INPUT | grep -c podwire; grep -c unconfirmed /var/lib/podwire/firewall.json || true
${remove} > /mnt/out; iptables-nft -S INPUT
`);
  expect(out.trim()).toBe(`0 rules added, 6 were there\n6\n0\n${untouched}`);
});

test("in another network namespace than the machine's own, whose files it would write, nothing is changed", () => {
  const out = onFreshHost(`
ip netns add elsewhere
ip netns exec elsewhere iptables-nft -P INPUT DROP
ip netns exec elsewhere $podwire node firewall --role worker --apply 2>&1 && exit 1
ip netns exec elsewhere iptables-nft -S INPUT; ls /var/lib
`);
  expect(out).toContain("this network namespace is not the machine's own");
  expect(out).toContain("-P INPUT DROP\n");
  expect(out).not.toContain("-A INPUT");
  expect(out).not.toContain("podwire\n");
});

test("what nobody confirmed is not forgotten by a second --confirm, which finds it all there and asks for it", () => {
  const out = onFreshHost(`
${drop}
mkfifo /mnt/keys; exec 9<> /mnt/keys
${apply} --confirm 9s < /mnt/keys > /mnt/one 2>&1 & one=$!
until grep -qs Enter /mnt/one; do :; done
kill -9 $one
echo | ${apply} --confirm 9s > /mnt/two 2>&1
grep -c confirmed /mnt/two; grep -c unconfirmed /var/lib/podwire/firewall.json || true
`);
  expect(out.trim()).toBe("1\n0");
});
