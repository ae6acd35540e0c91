/** The line that would let a packet in, in the words of whoever kept it out. */
import { family } from "../../../base/ip.ts";
import type { Decider, Packet, Passage, Verdict } from "../simulate/verdict.ts";

interface Asked {
  readonly packet: Packet;
  readonly verdict: Verdict;
  readonly by: Decider;
  /** The base chain in which it was decided. */
  readonly at: Passage | undefined;
}

const isForward = ({ at }: Asked): boolean => at?.hook === "forward";

/** What the rule that decides sees: after NAT the destination is another. */
const seen = ({ packet, verdict }: Asked): { readonly dst: string; readonly dport: number | undefined } => {
  const told = verdict.outcomes[0];
  return { dst: told?.dst ?? packet.dst, dport: told?.dport ?? packet.dport };
};

const iptables = (asked: Asked, chain: string, number: number | undefined): string => {
  const { packet, by } = asked;
  const program = `${family(packet.src) === 6 ? "ip6tables" : "iptables"}${by.backend === "iptables-legacy" ? "-legacy" : ""}`;
  const { dst, dport } = seen(asked);
  const to = isForward(asked) ? ` -d ${dst}` : "";
  const proto = packet.protocol === "icmp" ? "-p icmp" : `-p ${packet.protocol} --dport ${dport}`;
  const table = by.table === "filter" || by.table === undefined ? "" : ` -t ${by.table}`;
  return `${program}${table} -I ${chain}${number === undefined ? "" : ` ${number}`} -s ${packet.src}${to} ${proto} -j ACCEPT`;
};

const nft = (asked: Asked): string => {
  const { packet, by } = asked;
  const ip = family(packet.src) === 6 ? "ip6" : "ip";
  const { dst, dport } = seen(asked);
  const to = isForward(asked) ? ` ${ip} daddr ${dst}` : "";
  const proto = packet.protocol === "icmp" ? "meta l4proto icmp" : `${packet.protocol} dport ${dport}`;
  const where = `${by.family} ${by.table} ${by.chain}`;
  // In front of the rule that refuses; a policy is asked behind all rules.
  const before = by.handle === undefined ? "" : ` position ${by.handle}`;
  const place = by.rule === undefined ? `add rule ${where}` : `insert rule ${where}${before}`;
  return `nft ${place} ${ip} saddr ${packet.src}${to} ${proto} accept`;
};

/** `filter_IN_public_deny`, `IN_public`: the zone whose chain it is. */
const zoneOf = (asked: Asked): string | undefined =>
  /(?:^|_)(?:IN|FWD|FWDI|FWDO)_([\w-]+?)(?:_(?:pre|log|deny|allow|post))?$/.exec(asked.by.chain ?? "")?.[1];

/** Between zones only a policy lets pass (firewalld 0.9); an accept of iptables would be overruled. */
const policyFor = (rule: string): string =>
  [
    "--permanent --new-policy let-pass",
    "--permanent --policy let-pass --add-ingress-zone ANY",
    "--permanent --policy let-pass --add-egress-zone ANY",
    `--permanent --policy let-pass --add-rich-rule='${rule}'`,
    "--reload",
  ]
    .map((words) => `firewall-cmd ${words}`)
    .join(" && ");

const firewalld = (asked: Asked): string => {
  const { packet } = asked;
  const zone = zoneOf(asked);
  const inZone = zone === undefined ? "" : ` --zone=${zone}`;
  const f = family(packet.src) === 6 ? "ipv6" : "ipv4";
  const { dst, dport } = seen(asked);
  const to = isForward(asked) ? ` destination address=${dst}` : "";
  const port = packet.protocol === "icmp" ? "protocol value=icmp" : `port port=${dport} protocol=${packet.protocol}`;
  // Rules that refuse go before those that let in, unless a priority says otherwise.
  const first = asked.by.chain?.endsWith("_deny") ? "priority=-100 " : "";
  if (isForward(asked)) return policyFor(`rule family=${f} source address=${packet.src}${to} ${port} accept`);
  return `firewall-cmd${inZone} --add-rich-rule='rule ${first}family=${f} source address=${packet.src}${to} ${port} accept'`;
};

const ufw = (asked: Asked): string => {
  const { packet, by } = asked;
  const { dst, dport } = seen(asked);
  const route = isForward(asked) ? "route " : "";
  // ufw's rules are asked in their order: one that refuses must come behind.
  const first = by.chain?.startsWith("ufw-user") || by.chain?.startsWith("ufw6-user") ? "insert 1 " : "";
  const to = isForward(asked) ? dst : "any";
  const proto = packet.protocol === "tcp" || packet.protocol === "udp" ? ` proto ${packet.protocol}` : "";
  return `ufw ${route}${first}allow from ${packet.src} to ${to}${dport === undefined ? "" : ` port ${dport}`}${proto}`;
};

const docker = (asked: Asked): string => {
  const { packet } = asked;
  // What refuses by address in the raw table means: this port is not published.
  if (asked.at?.hook === "prerouting" || asked.by.chain === "DOCKER")
    return `docker run -p ${packet.dport ?? "PORT"}:${packet.dport ?? "PORT"}/${packet.protocol} IMAGE`;
  return iptables(asked, "DOCKER-USER", asked.by.chain === "DOCKER-USER" ? asked.by.rule : undefined);
};

/** The service of a rule's comment: `default/web has no endpoints`. */
const kubeProxy = ({ by, packet }: Asked): string => {
  const [, namespace, service] = /"?([\w-]+)\/([\w-]+)[^"]* has no (?:local )?endpoints/.exec(by.text) ?? [];
  if (service !== undefined)
    return `kubectl -n ${namespace} get endpointslices -l kubernetes.io/service-name=${service}`;
  return `kubectl get services -A | grep -wF ${packet.dst}`;
};

const kernel = ({ by, packet }: Asked): string | undefined => {
  const [, name] = /: (net\.\S+) is 0/.exec(by.text) ?? [];
  if (name !== undefined) return `sysctl -w ${name}=1`;
  if (by.text.startsWith("reverse path filter")) return `ip route get ${packet.src}`;
  if (by.text.startsWith("no route")) return `ip route add ${packet.dst} via GATEWAY`;
  return undefined;
};

const plain = (asked: Asked): string | undefined => {
  const { by, at } = asked;
  if (by.backend === "nf_tables") return nft(asked);
  return by.chain === undefined ? undefined : iptables(asked, by.chain, by.rule ?? (at ? undefined : 1));
};

const byOwner: Partial<Record<Decider["owner"], (asked: Asked) => string | undefined>> = {
  kernel,
  firewalld,
  ufw,
  docker,
  "kube-proxy": kubeProxy,
  calico: () => "kubectl get networkpolicies.crd.projectcalico.org,networkpolicies -A",
  cilium: () => "kubectl get ciliumnetworkpolicies,networkpolicies -A",
  "kube-router": () => "kubectl get networkpolicies -A",
  fail2ban: ({ by, packet }) => `fail2ban-client set ${(by.chain ?? "").replace(/^f2b-/, "")} unbanip ${packet.src}`,
  libvirt: () => "virsh net-edit NETWORK",
};

/** Nothing when it is let in, or when what decides is not known. */
export const mendingLine = (packet: Packet, verdict: Verdict): string | undefined => {
  const { by, fate } = verdict;
  if (!by || (fate !== "dropped" && fate !== "rejected")) return undefined;
  const asked: Asked = { packet, verdict, by, at: verdict.path.at(-1) };
  return (byOwner[by.owner] ?? plain)(asked);
};
