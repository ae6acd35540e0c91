/**
 * Where packets of tests are really sent: a host in the middle, with a client and a server at two of its links and two pods
 * at a bridge of its. All in throwaway namespaces.
 */
import { makeNetns, type TestNetns } from "../../../kernel/testing/netns.ts";
import { run } from "../../../kernel/testing/run.ts";

export interface Ground extends Disposable {
  /** Whose ruleset it is: up0 10.0.0.1, down0 10.1.0.1, docker0 172.17.0.1. */
  readonly host: TestNetns;
  /** All of them, by any address that they have. */
  readonly ofAddress: (ip: string) => TestNetns | undefined;
  readonly all: readonly TestNetns[];
}

interface Place {
  readonly name: string;
  readonly link: string;
  readonly peer: string;
  readonly addresses: readonly string[];
  readonly gateways: readonly string[];
}

const places: readonly Place[] = [
  {
    name: "client",
    link: "up0",
    peer: "c0",
    addresses: ["10.0.0.5/24", "10.0.0.6/24", "10.0.0.77/24", "10.99.0.5/32", "fd00::5/64"],
    gateways: ["10.0.0.1", "fd00::1"],
  },
  {
    name: "server",
    link: "down0",
    peer: "s0",
    addresses: ["10.1.0.2/24", "10.1.0.3/24", "fd01::2/64"],
    gateways: ["10.1.0.1", "fd01::1"],
  },
  { name: "pod1", link: "pod1", peer: "eth0", addresses: ["172.17.0.2/16"], gateways: ["172.17.0.1"] },
  { name: "pod2", link: "pod2", peer: "eth0", addresses: ["172.17.0.3/16"], gateways: ["172.17.0.1"] },
];

const hostAddresses = { up0: ["10.0.0.1/24", "10.0.0.2/24", "fd00::1/64"], down0: ["10.1.0.1/24", "fd01::1/64"] };

const bare = (cidr: string): string => cidr.split("/")[0]!;

export const makeGround = (): Ground => {
  const host = makeNetns();
  const others = places.map((p) => ({ ...p, ns: makeNetns() }));
  // Addresses that are still being tried for duplicates send nothing.
  for (const { path } of [host, ...others.map((o) => o.ns)])
    run([
      "nsenter",
      `--net=${path}`,
      "sh",
      "-ec",
      "for c in all default; do echo 0 > /proc/sys/net/ipv6/conf/$c/accept_dad; done",
    ]);
  host.ip("link set lo up");
  host.ip("link add docker0 type bridge");
  host.ip("address add 172.17.0.1/16 dev docker0");
  host.ip("link set docker0 up");
  for (const { ns, link, peer, addresses, gateways } of others) {
    host.ip(`link add ${link} type veth peer name ${peer} netns ${ns.name}`);
    if (link.startsWith("pod")) host.ip(`link set ${link} master docker0`);
    host.ip(`link set ${link} up`);
    ns.ip("link set lo up");
    for (const a of addresses) ns.ip(`address add ${a} dev ${peer}${a.includes(":") ? " nodad" : ""}`);
    ns.ip(`link set ${peer} up`);
    for (const g of gateways) ns.ip(`${g.includes(":") ? "-6 " : ""}route add default via ${g}`);
  }
  for (const [link, addresses] of Object.entries(hostAddresses))
    for (const a of addresses) host.ip(`address add ${a} dev ${link}${a.includes(":") ? " nodad" : ""}`);
  host.sh(`echo 1 > /proc/sys/net/ipv4/ip_forward; echo 1 > /proc/sys/net/ipv6/conf/all/forwarding
    # Every refusal is to be heard.
    echo 0 > /proc/sys/net/ipv4/icmp_ratelimit; echo 0 > /proc/sys/net/ipv6/icmp/ratelimit`);
  // A port forwards once the kernel has noticed that its link is up, which it does in its own time.
  for (const port of ["pod1", "pod2"]) run(["bridge", "-n", host.name, "link", "set", "dev", port, "state", "3"]);
  host.ip("route add default via 10.1.0.2");
  const owners = new Map<string, TestNetns>();
  for (const { ns, addresses } of others) for (const a of addresses) owners.set(bare(a), ns);
  for (const a of [...Object.values(hostAddresses).flat(), "172.17.0.1/16"]) owners.set(bare(a), host);
  return {
    host,
    all: [host, ...others.map((o) => o.ns)],
    ofAddress: (ip) => owners.get(ip),
    [Symbol.dispose]: () => {
      for (const ns of [host, ...others.map((o) => o.ns)]) ns[Symbol.dispose]();
    },
  };
};
