/** K1: what the pod network is made of can be made here. Tried in a namespace that is thrown away, not looked up in a config. */
import type { Answer, Probe } from "../../kernel/probe/answer.ts";
import { bridgeProbe } from "../../kernel/probe/bridge.ts";
import { ipipProbe } from "../../kernel/probe/ipip.ts";
import { netNamespacesProbe } from "../../kernel/probe/net-namespaces.ts";
import { nfTablesProbe } from "../../kernel/probe/nf-tables.ts";
import { nftCtProbe } from "../../kernel/probe/nft-ct.ts";
import { nftFibProbe } from "../../kernel/probe/nft-fib.ts";
import { nftMasqueradeProbe } from "../../kernel/probe/nft-masquerade.ts";
import { vethProbe } from "../../kernel/probe/veth.ts";
import { vxlanProbe } from "../../kernel/probe/vxlan.ts";
import { wireguardProbe } from "../../kernel/probe/wireguard.ts";
import type { Check, Finding, Fix } from "../check.ts";
import { ok } from "../finding.ts";
import type { Host } from "../host.ts";
import type { Network } from "../ports/row.ts";
import { installLine, isUbuntu } from "../reads/distro.ts";

interface Feature {
  readonly probe: Probe;
  readonly what: string;
  /** Only these want it; every pod network does when absent. */
  readonly for?: readonly Network[];
  /** Modules are in a package of their own on some distributions. */
  readonly module: string;
}

const features: readonly Feature[] = [
  { probe: vethProbe, what: "the cable of a pod", module: "veth" },
  { probe: bridgeProbe, what: "what pods of a node hang on", module: "bridge" },
  { probe: nfTablesProbe, what: "rules", module: "nf_tables" },
  { probe: nftCtProbe, what: "rules that know connections", module: "nft_ct" },
  { probe: nftFibProbe, what: "rules that know the node's own addresses", module: "nft_fib_inet" },
  { probe: nftMasqueradeProbe, what: "pods reach the world", module: "nft_masq" },
  {
    probe: vxlanProbe,
    what: "a tunnel between nodes",
    for: ["vxlan", "calico-vxlan", "cilium", "k3s"],
    module: "vxlan",
  },
  { probe: wireguardProbe, what: "an encrypted tunnel between nodes", for: ["wireguard"], module: "wireguard" },
  { probe: ipipProbe, what: "Calico's tunnel between nodes", for: ["calico"], module: "ipip" },
];

/** A module that is there is loaded when it is first wanted; one that is missing comes with a package. */
const fixOf = (host: Host, module: string): Fix => {
  const release = host.read("/proc/sys/kernel/osrelease")?.trim() ?? "$(uname -r)";
  // Debian has all modules in the kernel's own package, but that for clouds.
  const apt = isUbuntu(host) ? `linux-modules-extra-${release}` : "linux-image-$(dpkg --print-architecture)";
  const extra = installLine(host, apt, {
    dnf: "kernel-modules-extra",
    apk: "linux-lts",
    zypper: "kernel-default",
  });
  const load = `modprobe ${module}`;
  if (extra === undefined) return { command: load, survivesReboot: true };
  const other = isUbuntu(host) ? ` && ${load}` : `   # and ${load}, after a reboot where the kernel is another`;
  return { command: `${extra}${other}`, survivesReboot: true };
};

const found = (host: Host, feature: Feature, answer: Answer, needed: boolean): Finding => {
  const { name } = feature.probe;
  if (answer.is === "yes") return ok("there", name);
  if (answer.is === "no") {
    if (!needed) return ok(`not there; only for ${feature.what}, which was not asked for`, name);
    return {
      outcome: "fail",
      subject: name,
      seen: "this kernel has none",
      want: `${answer.needs} (${feature.what})`,
      fix: fixOf(host, feature.module),
    };
  }
  throw answer.error;
};

export const kernelFeaturesCheck: Check = {
  id: "K1",
  name: "kernel-features",
  area: "kernel",
  severity: "fail",
  title: "the kernel has what pod networks are made of",
  why: "'operation not supported' when the first pod is added, or tunnels between nodes are never there",
  run: (host, { networks }) => {
    // It is the machine's kernel, and a lab that runs has shown what it can.
    if (host.kind === "lab-node") return [];
    const namespaces = netNamespacesProbe.ask();
    if (namespaces.is === "no")
      return [
        { outcome: "unknown", seen: "features are tried in a network namespace of their own", want: namespaces.needs },
      ];
    return features.map((feature) => {
      const needed = feature.for?.some((n) => networks.includes(n)) ?? true;
      return found(host, feature, feature.probe.ask(), needed);
    });
  },
};
