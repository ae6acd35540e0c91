/** L6: what another network plugin has left behind. The plan to clear it is printed, never carried out. */
import { cidrText } from "../../base/cidr.ts";
import { FaultError } from "../../base/fault.ts";
import { tryIp } from "../../base/ip.ts";
import { listChains, listTables } from "../../net/nft/read.ts";
import { quote } from "../../net/plan/quote.ts";
import type { Check, Finding } from "../check.ts";
import { ok } from "../finding.ts";
import type { Host } from "../host.ts";
import { matchesGlob } from "../reads/glob.ts";
import { bridgesOf, chosenConf, type NetworkConf, networkConfs } from "../reads/network-confs.ts";
import { ciliumPodLinks } from "../reads/taken.ts";

/** How a plugin is known, and what it leaves. */
interface Trace {
  readonly owner: string;
  /** Types in a network config, or programs that run, which speak for it being in use. */
  readonly types: readonly string[];
  readonly links: readonly string[];
  /** rtm_protocol of its routes (/etc/iproute2/rt_protos). */
  readonly protocols: readonly number[];
  readonly chains: readonly string[];
  readonly files: readonly string[];
}

const traces: readonly Trace[] = [
  {
    owner: "Flannel",
    types: ["flannel", "flanneld"],
    links: ["flannel.*", "flannel-v6.*", "flannel-wg*"],
    protocols: [],
    chains: ["FLANNEL-*"],
    files: ["/run/flannel/subnet.env"],
  },
  {
    owner: "Calico",
    types: ["calico", "calico-node"],
    links: ["cali*", "tunl0", "vxlan.calico", "vxlan-v6.calico", "wireguard.cali"],
    protocols: [80],
    chains: ["cali-*"],
    files: ["/var/lib/calico/nodename"],
  },
  {
    owner: "Cilium",
    types: ["cilium-cni", "cilium-agent"],
    links: ["cilium_*", ...ciliumPodLinks],
    protocols: [],
    chains: ["CILIUM_*"],
    files: [],
  },
  {
    owner: "Weave Net",
    types: ["weave-net", "weaver"],
    links: ["weave", "vethwe*", "datapath"],
    protocols: [],
    chains: ["WEAVE*"],
    files: ["/var/lib/weave/weave-netdata.db"],
  },
  {
    owner: "kube-router",
    types: ["kube-router"],
    links: ["kube-bridge", "kube-dummy-if"],
    protocols: [],
    chains: ["KUBE-ROUTER-*"],
    files: [],
  },
  {
    owner: "Antrea",
    types: ["antrea", "antrea-agent"],
    links: ["antrea-*"],
    protocols: [],
    chains: ["ANTREA-*"],
    files: [],
  },
  {
    owner: "kube-proxy",
    types: ["kube-proxy", "kubelet", "k3s-server", "k3s-agent", "kube-router"],
    links: ["kube-ipvs0"],
    protocols: [],
    chains: ["KUBE-*"],
    files: [],
  },
];

/** Distributions that are their own network plugin, or keep its config elsewhere: what is theirs cannot be told from what is left. */
const selfContained = ["k3s-server", "k3s-agent", "rke2", "kubelite", "k0s"];

/** Any bridge-made network: a cni0 that no config speaks of. */
const strayBridge = (host: Host, conf: NetworkConf | undefined): string[] =>
  host.links
    .filter((l) => l.kind === "bridge" && l.name === "cni0" && !bridgesOf(conf).includes(l.name))
    .map((l) => l.name);

/** Addresses that host-local holds for networks that no config speaks of any more. */
const strayLeases = (host: Host): Finding[] => {
  const names = networkConfs(host).map(({ name }) => name);
  return host
    .list(leases)
    .filter((name) => !names.includes(name) && host.list(`${leases}/${name}`).some((file) => tryIp(file) !== undefined))
    .map((name) => ({
      outcome: "warn",
      subject: `${leases}/${name}`,
      seen: "addresses of a network that no config in /etc/cni/net.d speaks of",
      want: "none, when no pod has one of them any more",
      fix: { command: `rm -r ${quote(`${leases}/${name}`)}`, survivesReboot: true },
    }));
};

/** Chains by table, read once; none without permission to look, which `seen` does not hide. */
const chainsOf = (host: Host): { readonly family: string; readonly table: string; readonly chain: string }[] => {
  try {
    return listTables(host.ns).flatMap((table) =>
      (listChains(host.ns, table) ?? []).map(({ name }) => ({ family: table.family, table: table.name, chain: name })),
    );
  } catch (error) {
    if (error instanceof FaultError && error.fault.kind === "permission") return [];
    throw error;
  }
};

const leases = "/var/lib/cni/networks";

const any = (patterns: readonly string[], name: string): boolean => patterns.some((p) => matchesGlob(p, name));

/** What was there is kept in a file, and nothing is loaded where it could not be saved. */
const withoutChains = (program: string, { chains }: Trace): string => {
  const file = `/root/${program}.before`;
  return `${program}-save > ${file} && grep -vE '${chains.map((c) => c.replace("*", "")).join("|")}' ${file} | ${program}-restore`;
};

const look = (host: Host, trace: Trace, chains: ReturnType<typeof chainsOf>): Finding[] => {
  // tunl0 comes with the ipip module, whoever loads it: it is Calico's when it is up.
  const links = host.links.filter((l) => any(trace.links, l.name) && (l.name !== "tunl0" || l.up)).map((l) => l.name);
  const routes = host.routes.filter((r) => trace.protocols.includes(r.protocol)).map((r) => cidrText(r.dst));
  const theirs = chains.filter(({ chain }) => any(trace.chains, chain));
  const files = trace.files.filter((path) => host.read(path) !== undefined);
  const say = (what: string, names: readonly string[]): string[] =>
    names.length === 0
      ? []
      : [`${what} ${names.slice(0, 4).join(", ")}${names.length > 4 ? ` and ${names.length - 4} more` : ""}`];
  const seen = [
    ...say("links", links),
    ...say("routes", routes),
    ...say("chains", [...new Set(theirs.map(({ chain }) => chain))]),
    ...say("files", files),
  ];
  if (seen.length === 0) return [];
  const plan = [
    ...links.map((name) =>
      name === "tunl0" ? "ip link set tunl0 down && ip addr flush dev tunl0" : `ip link del ${quote(name)}`,
    ),
    ...[...new Set(trace.protocols)].filter(() => routes.length > 0).map((p) => `ip route flush table all proto ${p}`),
    ...(["ip", "ip6"] as const)
      .filter((family) => theirs.some((c) => c.family === family))
      .map((family) => withoutChains(`${family}tables`, trace)),
    ...files.map((path) => `rm ${path}`),
  ];
  return [
    {
      outcome: "warn",
      subject: trace.owner,
      seen: seen.join("; "),
      want: `nothing of ${trace.owner}, which no config in /etc/cni/net.d uses`,
      fix: { command: plan.join("; "), survivesReboot: true },
    },
  ];
};

export const leftoversCheck: Check = {
  id: "L6",
  name: "leftovers",
  area: "links",
  severity: "warn",
  title: "no other network plugin has left anything behind",
  why: "old bridges keep a wrong address, old routes and rules take packets that are the new plugin's",
  run: (host) => {
    const conf = chosenConf(host);
    const inUse = new Set([
      ...(conf?.plugins ?? []).map(({ type }) => type),
      ...host.processes.map(({ name }) => name),
    ]);
    const whole = selfContained.find((name) => inUse.has(name));
    if (whole !== undefined && conf === undefined)
      return [
        {
          outcome: "unknown",
          seen: `${whole} runs, which keeps its network config elsewhere`,
          want: "a network config in /etc/cni/net.d, to tell what is in use from what is left behind",
        },
      ];
    const chains = chainsOf(host);
    const found = traces
      .filter(({ types }) => !types.some((t) => inUse.has(t)))
      .flatMap((trace) => look(host, trace, chains));
    const stray = strayBridge(host, conf).map(
      (name): Finding => ({
        outcome: "warn",
        subject: name,
        seen: "a bridge that no config in /etc/cni/net.d speaks of",
        want: "none, when no pod is on it any more",
        fix: { command: `ip link del ${name}`, survivesReboot: true },
      }),
    );
    const all = [...found, ...stray, ...strayLeases(host)];
    return all.length > 0 ? all : [ok("nothing")];
  },
};
