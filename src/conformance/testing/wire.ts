/** A plugin in shell that joins a pod to the host, and cases for it that look at all that a case can look at. */
import { parseChapter } from "../parse.ts";

/** Addresses are counted in a file, under a lock; what was given to a container is noted beside it. */
export const goodWire = `#!/bin/sh
conf=$(cat)
text() { printf %s "$conf" | sed -n 's/.*"'"$1"'" *: *"\\([^"]*\\)".*/\\1/p' | head -n 1; }
[ "$CNI_COMMAND" != VERSION ] || { echo '{"cniVersion": "1.0.0", "supportedVersions": ["1.0.0"]}'; exit 0; }
store=$(text dataDir)
inside() { nsenter --net="$CNI_NETNS" "$@"; }
host=w$CNI_CONTAINERID
case $CNI_COMMAND in
ADD)
  n=$(flock "$store/lock" sh -c 'n=$(($(cat "$0" 2> /dev/null || echo 1) + 1)); echo $n > "$0"; echo $n' "$store/last")
  echo "$CNI_CONTAINERID" > "$store/10.88.0.$n"
  ip link add "$host" type veth peer name "$CNI_IFNAME" mtu 1400 netns "\${CNI_NETNS##*/}" || exit 1
  ip link set "$host" up
  ip addr add 10.88.0.1/32 dev "$host"
  ip route add "10.88.0.$n/32" dev "$host"
  inside ip link set "$CNI_IFNAME" up
  inside ip addr add "10.88.0.$n/24" dev "$CNI_IFNAME"
  inside ip route add default via 10.88.0.1
  inside ip rule add from "10.88.0.$n" lookup main priority 77
  inside sh -c "echo 1 > /proc/sys/net/ipv4/conf/$CNI_IFNAME/arp_notify"
  echo "{\\"cniVersion\\": \\"1.0.0\\", \\"interfaces\\": [{\\"name\\": \\"$host\\"}], \\"ips\\": [{\\"address\\": \\"10.88.0.$n/24\\"}]}" ;;
DEL)
  grep -lx "$CNI_CONTAINERID" "$store"/10.* 2> /dev/null | xargs -r rm
  ip link del "$host" 2> /dev/null
  inside ip rule del priority 77 2> /dev/null ;;
esac
exit 0
`;

export const wireChapter = parseChapter(
  `
plugin: wire
clause: "spec 1.0.0"
needs: [veth]
config: { dataDir: $DATADIR }
cases:
  - id: state
    title: links, addresses, routes, rules and sysctls are as they should be
    steps:
      - { verb: ADD, expect: { exit: zero }, save: { ADDRESS: "ips[0].address" } }
      - state:
          - { links: [{ ifname: wpod1, linkinfo: { info_kind: veth } }], routes: [{ dst: 10.88.0.2, dev: wpod1 }] }
          - in: pod1
            links: [{ ifname: eth0, mtu: 1400 }]
            addresses: [{ ifname: eth0, local: 10.88.0.2, prefixlen: 24 }]
            routes: [{ dst: default, gateway: 10.88.0.1 }]
            rules: [{ src: 10.88.0.2, table: main, priority: 77 }]
            sysctls: { net/ipv4/conf/eth0/arp_notify: "1" }
            without: { links: [{ ifname: eth1 }], routes: [{ dst: 10.99.0.0/16 }] }
  - id: files
    title: the address stands in a file
    steps:
      - { verb: ADD, expect: { exit: zero } }
      - state: [{ files: [{ path: $DATADIR/10.88.0.2, text: pod1 }, { path: $DATADIR/10.88.0.3, absent: true }] }]
  - id: traffic
    title: the pod and the host reach each other, by TCP and UDP
    steps:
      - { verb: ADD, expect: { exit: zero } }
      - state:
          - reach:
              - { from: host, to: 10.88.0.2, at: pod1, seen: 10.88.0.1 }
              - { from: pod1, to: 10.88.0.1, at: host, seen: 10.88.0.2, proto: udp }
              - { from: pod1, to: 10.88.0.1, port: 81, listen: 82, at: host, fails: true }
  - id: many
    title: five pods at once have five addresses
    pods: 5
    steps:
      - { verb: ADD, pod: pod$N, times: 5, expect: { exit: zero, distinct: "ips[0].address" } }
  - id: leaves-nothing
    title: after DEL all is as it was
    steps:
      - { verb: ADD, expect: { exit: zero } }
      - { verb: DEL, expect: { exit: zero } }
      - { run: "rm $DATADIR/last $DATADIR/lock" }
      - state: [{ unchanged: start }]
  - id: others-stay
    title: DEL of one leaves another
    pods: 2
    steps:
      - { verb: ADD, pod: pod1, expect: { exit: zero } }
      - { verb: ADD, pod: pod2, expect: { exit: zero } }
      - snapshot: both
      - { verb: DEL, containerId: pod3, netns: "" }
      - state: [{ unchanged: both }]
  - id: netns-gone
    title: DEL works when the namespace is gone
    pods: 2
    steps:
      - { verb: ADD, expect: { exit: zero } }
      - removePod: pod1
      - { verb: DEL, netns: $POD1, pod: pod2, containerId: pod1, expect: { exit: zero } }
      - state: [{ files: [{ path: $DATADIR/10.88.0.2, absent: true }], without: { links: [{ ifname: wpod1 }] } }]
`,
  "wire.yaml",
);

/** What becomes of the script, and what then is found: the case, and what it saw. */
export const wireBreaches: readonly (readonly [from: string, to: string, id: string, seen: RegExp])[] = [
  ["mtu 1400", "mtu 1500", "state", /^links of pod1 .*"mtu":1500/],
  ['/24" dev', '/16" dev', "state", /^addresses of pod1 .*"prefixlen":16/],
  ["via 10.88.0.1", "dev lo", "state", /^routes of pod1 .*"gateway":null/],
  ["priority 77\n  inside sh", "priority 78\n  inside sh", "state", /^rules of pod1 .*"priority":78/],
  ["echo 1 > /proc", "echo 0 > /proc", "state", /^sysctl net\/ipv4\/conf\/eth0\/arp_notify of pod1 0/],
  ["inside ip rule add", "inside ip route add 10.99.0.0/16 dev eth0; inside ip rule add", "state", /10[.]99[.]0[.]0/],
  ['echo "$CNI_CONTAINERID" >', "echo nobody >", "files", /nobody/],
  ["10.88.0.$n/32", "10.88.0.99/32", "traffic", /^traffic /],
  ["+ 1)); echo $n >", "+ 0)); echo 7 >", "many", /10[.]88[.]0[.]7\/24 more than once/],
  [
    'ip link set "$host" up',
    'ip link set "$host" up; ip link set lo mtu 1300',
    "leaves-nothing",
    /lo loopback mtu 1300/,
  ],
  [
    "  ip link del",
    "  ip link add left type veth peer name right\n  ip link del",
    "leaves-nothing",
    /[+] host: link left/,
  ],
  ["| xargs -r rm", "| cat", "leaves-nothing", /[+] file .*10[.]88[.]0[.]2/],
  ['grep -lx "$CNI_CONTAINERID"', "grep -l .", "others-stay", /- file .*10[.]88[.]0[.]2/],
  ['host" 2> /dev/null', 'host" || exit 1', "netns-gone", /exit status 1/],
];
