/** Who made a table, a chain or a rule: programs are known by the names that they give. */
import type { OwnerName } from "./model.ts";

const tables: readonly (readonly [RegExp, OwnerName])[] = [
  [/^firewalld/, "firewalld"],
  [/^kube-proxy$/, "kube-proxy"],
  [/^podwire/, "podwire"],
  [/^docker-/, "docker"],
  [/^netavark/, "podman"],
  [/^libvirt/, "libvirt"],
  [/^cni_|^cni-/, "cni-plugins"],
  [/^calico|^cali-/, "calico"],
  [/^cilium/, "cilium"],
  [/^f2b-/, "fail2ban"],
  [/^flannel/, "flannel"],
  [/^kube-router/, "kube-router"],
];

const chains: readonly (readonly [RegExp, OwnerName])[] = [
  [/^ufw6?-/, "ufw"],
  [/^DOCKER/, "docker"],
  [/^NETAVARK/, "podman"],
  [/^KUBE-(FIREWALL|KUBELET-CANARY)$/, "kubelet"],
  [/^KUBE-ROUTER|^KUBE-NWPLCY|^KUBE-POD-FW/, "kube-router"],
  [/^KUBE-/, "kube-proxy"],
  [/^cali-|^cali(fw|tw|pi|po)/, "calico"],
  [/^(OLD_)?CILIUM_/, "cilium"],
  [/^FLANNEL-/, "flannel"],
  [/^LIBVIRT_/, "libvirt"],
  [/^CNI-/, "cni-plugins"],
  [/^f2b-/, "fail2ban"],
  [/^ts-/, "tailscale"],
  [
    /^(INPUT|FORWARD|OUTPUT|PREROUTING|POSTROUTING)_(direct|ZONES|ZONES_SOURCE|IN_ZONES|OUT_ZONES|POLICIES_p(re|ost))$/,
    "firewalld",
  ],
  [/^(IN|FWDI|FWDO|FWD|PRE|POST)_[\w-]+$/, "firewalld"],
];

const comments: readonly (readonly [RegExp, OwnerName])[] = [
  [/^podwire[: ]/, "podwire"],
  [/^cali:/, "calico"],
  [/^cilium/, "cilium"],
  [/^kubernetes |^kube-proxy/, "kube-proxy"],
  [/^flanneld /, "flannel"],
  [/^kube-router/, "kube-router"],
];

const named = (of: readonly (readonly [RegExp, OwnerName])[], name: string): OwnerName | undefined =>
  of.find(([pattern]) => pattern.test(name))?.[1];

export const ownerOfTable = (name: string): OwnerName | undefined => named(tables, name);
export const ownerOfChain = (name: string): OwnerName | undefined => named(chains, name);
export const ownerOfComment = (text: string | undefined): OwnerName | undefined =>
  text === undefined ? undefined : named(comments, text);
