/** A `loopback` as a shell script that keeps every clause, and what to change in it to break one. */
const versions = ["0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"];

export const goodLoopback = `#!/bin/sh
conf=$(cat)
text() { printf %s "$conf" | sed -n 's/.*"'"$1"'" *: *"\\([^"]*\\)".*/\\1/p' | head -n 1; }
version=$(text cniVersion)
fail() { echo "{\\"cniVersion\\": \\"$version\\", \\"code\\": $1, \\"msg\\": \\"$2\\"}"; exit 1; }
inside() { nsenter --net="$CNI_NETNS" "$@"; }
claimed='${JSON.stringify(versions).slice(1, -1)}'
case $CNI_COMMAND in
VERSION) echo "{\\"cniVersion\\": \\"$version\\", \\"supportedVersions\\": [$claimed]}"; exit 0 ;;
ADD|CHECK) want="CNI_CONTAINERID CNI_NETNS CNI_IFNAME" ;;
DEL) want="CNI_CONTAINERID CNI_IFNAME" ;;
GC) want=CNI_PATH ;;
STATUS) want= ;;
*) fail 4 "CNI_COMMAND is $CNI_COMMAND" ;;
esac
lacks=
for name in $want; do eval "[ -n \\"\\$$name\\" ]" || lacks="$lacks $name"; done
[ -z "$lacks" ] || fail 4 "not set:$lacks"
case $CNI_CONTAINERID in *[!a-zA-Z0-9_.-]*|[!a-zA-Z0-9]*) fail 4 "CNI_CONTAINERID is bad" ;; esac
case $CNI_IFNAME in .|..|*[/:\\ ]*|????????????????*) fail 4 "CNI_IFNAME is bad" ;; esac
case $conf in "{"*"}") ;; *) fail 6 "no JSON" ;; esac
case ",$claimed," in *",\\"$version\\","*) ;; *) fail 1 "no version $version" ;; esac
case $CNI_COMMAND/$version in
CHECK/0.[123]*|GC/[!1]*|GC/1.0.0|STATUS/[!1]*|STATUS/1.0.0) fail 1 "$CNI_COMMAND is not in $version" ;; esac
case $(text name) in ""|*[!a-zA-Z0-9_.-]*|[!a-zA-Z0-9]*) fail 7 "bad name" ;; esac
# A namespace file has an inode of its own; what is none has no net in it.
there() { [ -n "$CNI_NETNS" ] && inside true 2> /dev/null; }
own() { [ "$(stat -Lc %i "$CNI_NETNS")" = "$(stat -Lc %i /proc/self/ns/net)" ]; }
case $CNI_COMMAND in
ADD)
  there || fail 4 "CNI_NETNS is no namespace"
  inside ip link set lo up
  case $conf in *prevResult*) printf %s "$conf" | sed 's/.*"prevResult" *: *//; s/}$//'; exit 0 ;; esac
  lo="{\\"name\\": \\"lo\\", \\"mac\\": \\"00:00:00:00:00:00\\", \\"sandbox\\": \\"$CNI_NETNS\\"}"
  case $version in
  0.[12].0) echo "{\\"cniVersion\\": \\"$version\\", \\"ip4\\": {\\"ip\\": \\"127.0.0.1/8\\"}}" ;;
  0.*) echo "{\\"cniVersion\\": \\"$version\\", \\"interfaces\\": [$lo], \\"ips\\": [{\\"version\\": \\"4\\", \\"address\\": \\"127.0.0.1/8\\", \\"interface\\": 0}]}" ;;
  *) echo "{\\"cniVersion\\": \\"$version\\", \\"interfaces\\": [$lo], \\"ips\\": [{\\"address\\": \\"127.0.0.1/8\\", \\"interface\\": 0}]}" ;;
  esac ;;
CHECK)
  there || fail 4 "CNI_NETNS is no namespace"
  [ -n "$(inside ip link show lo up)" ] || fail 104 "lo is down" ;;
DEL) there && ! own && inside ip link set lo down ;;
esac
exit 0
`;

interface Breach {
  /** What is broken, in words. */
  readonly name: string;
  /** These characters of the script become those. */
  readonly from: string;
  readonly to: string;
  /** The cases that find it. */
  readonly found: readonly string[];
}

export const breaches: readonly Breach[] = [
  {
    name: "VERSION answers with a version of its own",
    from: 'VERSION) echo "{\\"cniVersion\\": \\"$version\\"',
    to: 'VERSION) echo "{\\"cniVersion\\": \\"1.1.0\\"',
    found: ["loopback/version-echoes-the-asked-version: failed"],
  },
  {
    name: "the interface name may be missing",
    from: 'ADD|CHECK) want="CNI_CONTAINERID CNI_NETNS CNI_IFNAME"',
    to: 'ADD|CHECK) want="CNI_CONTAINERID CNI_NETNS"',
    found: [
      "loopback/add-needs-ifname: failed",
      "loopback/add-names-all-that-is-missing: failed",
      "loopback/add-with-empty-variables: failed",
    ],
  },
  {
    name: "code 4 names no variable",
    from: '"not set:$lacks"',
    to: '"something is missing"',
    found: ["loopback/add-needs-netns: failed", "loopback/del-needs-ifname: failed"],
  },
  {
    name: "a missing variable has another code",
    from: 'fail 4 "not set:$lacks"',
    to: 'fail 111 "not set:$lacks"',
    found: ["loopback/add-needs-netns: differs"],
  },
  {
    name: "errors have no cniVersion",
    from: 'fail() { echo "{\\"cniVersion\\": \\"$version\\", ',
    to: 'fail() { echo "{',
    found: ["loopback/error-object: differs", "loopback/error-object-0-4-0: failed"],
  },
  {
    name: "failures exit with 0",
    from: '\\"msg\\": \\"$2\\"}"; exit 1; }',
    to: '\\"msg\\": \\"$2\\"}"; exit 0; }',
    found: ["loopback/add-needs-netns: failed", "loopback/no-json: failed", "loopback/unknown-version: failed"],
  },
  {
    name: "the result is always in the newest form",
    from: "  case $version in\n  0.[12].0)",
    to: "  version=1.1.0\n  case $version in\n  0.[12].0)",
    found: ["loopback/result-0-2-0: failed", "loopback/result-0-4-0: failed"],
  },
  {
    name: "the prevResult is dropped",
    from: "case $conf in *prevResult*)",
    to: "case $conf in *no-such-key*)",
    found: ["loopback/passes-prev-result-on: failed"],
  },
  {
    name: "CHECK talks",
    from: 'fail 104 "lo is down" ;;',
    to: 'fail 104 "lo is down"; echo all is fine ;;',
    found: ["loopback/check-right-after-add: failed"],
  },
  {
    name: "CHECK sees nothing",
    from: '|| fail 104 "lo is down"',
    to: "|| true",
    found: ["loopback/check-notices-lo-down: differs"],
  },
  {
    name: "DEL fails the second time",
    from: "DEL) there && ! own &&",
    to: 'DEL) [ -n "$(inside ip link show lo up)" ] || fail 3 "not here"; there && ! own &&',
    found: ["loopback/del-takes-lo-down: failed", "loopback/del-without-netns: differs"],
  },
  {
    name: "DEL does nothing",
    from: "inside ip link set lo down ;;",
    to: "true ;;",
    found: ["loopback/del-takes-lo-down: failed"],
  },
  {
    name: "ADD does nothing",
    from: "inside ip link set lo up",
    to: "true",
    found: ["loopback/brings-lo-up: failed", "loopback/check-right-after-add: failed"],
  },
  {
    name: "DEL takes the host's lo down",
    from: "! own && inside",
    to: "inside",
    found: ["loopback/keeps-the-hosts-lo: differs"],
  },
  {
    name: "ADD leaves a link on the host",
    from: "  inside ip link set lo up",
    to: "  ip link add left$$ type veth peer name right$$\n  inside ip link set lo up",
    found: ["loopback/leaves-nothing: differs"],
  },
  {
    name: "it is killed before it can answer",
    from: "ADD)\n  there",
    to: "ADD)\n  kill -KILL $$; there",
    found: ["loopback/brings-lo-up: failed"],
  },
];
