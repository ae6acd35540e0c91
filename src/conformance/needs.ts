/** What a case may need of kernel and machine, and the shell lines that try it in a throwaway namespace. */
import { createNetns, deleteNetns, netnsPath } from "../kernel/os/netns.ts";
import { openKernel } from "../net/kernel.ts";

interface Need {
  readonly about: string;
  readonly tried: string;
}

const pair = "ip link add p0 type veth peer name p1";
const linkKind = (kind: string, words = kind): Need => ({
  about: `${kind} links (modprobe ${kind})`,
  tried: `${pair} && ip link add x link p0 type ${words}`,
});
const program = (name: string, debian: string): Need => ({
  about: `the program ${name} (apt-get install ${debian})`,
  tried: `command -v ${name}`,
});

const needs: Readonly<Record<string, Need>> = {
  veth: { about: "veth links (modprobe veth)", tried: pair },
  bridge: { about: "bridge links (modprobe bridge)", tried: "ip link add x type bridge" },
  "vlan-filtering": {
    about: "bridges that filter VLANs (CONFIG_BRIDGE_VLAN_FILTERING)",
    tried: "ip link add x type bridge vlan_filtering 1",
  },
  dummy: { about: "dummy links (modprobe dummy)", tried: "ip link add x type dummy" },
  ifb: { about: "ifb links (modprobe ifb)", tried: "ip link add x type ifb" },
  vrf: { about: "vrf links (modprobe vrf)", tried: "ip link add x type vrf table 10" },
  tun: { about: "tap links (modprobe tun)", tried: "ip tuntap add x mode tap" },
  macvlan: linkKind("macvlan"),
  ipvlan: linkKind("ipvlan"),
  vlan: linkKind("8021q", "vlan id 5"),
  tbf: {
    about: "the tbf qdisc (modprobe sch_tbf)",
    tried: `${pair} && tc qdisc add dev p0 root tbf rate 1mbit burst 32kb latency 25ms`,
  },
  ingress: {
    about: "the ingress qdisc (modprobe sch_ingress)",
    tried: `${pair} && tc qdisc add dev p0 handle ffff: ingress`,
  },
  ipv6: { about: "IPv6", tried: `${pair} && ip -6 address add fd00::1/64 dev p0` },
  nft: program("nft", "nftables"),
  "bridge-netfilter": {
    about: "bridged packets in netfilter (modprobe br_netfilter)",
    tried: "test -e /proc/sys/net/bridge/bridge-nf-call-iptables",
  },
};

export const needNames: readonly string[] = Object.keys(needs);

/** Asked once. Gives what is missing, in words, or undefined. */
export const needsAsker = (env: Readonly<Record<string, string>>): ((name: string) => string | undefined) => {
  const known = new Map<string, string | undefined>();
  return (name) => {
    if (!known.has(name)) known.set(name, ask(name, env));
    return known.get(name);
  };
};

const NAME = "cf-need";

const ask = (name: string, env: Readonly<Record<string, string>>): string | undefined => {
  const need = needs[name];
  if (!need) return `something that is not known here: ${name}`;
  createNetns(NAME);
  using kernel = openKernel();
  try {
    const tried = kernel.open(netnsPath(NAME)).enter(() => Bun.spawnSync(["sh", "-c", need.tried], { env }));
    return tried.exitCode === 0 ? undefined : need.about;
  } finally {
    deleteNetns(NAME);
  }
};
