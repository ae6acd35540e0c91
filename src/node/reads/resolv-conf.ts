/** resolv.conf(5), and which file kubelet gives to pods. */
import { parse } from "yaml";
import type { Host } from "../host.ts";

export interface ResolvConf {
  readonly path: string;
  readonly nameservers: readonly string[];
  readonly search: readonly string[];
  readonly options: readonly string[];
}

const plain = "/etc/resolv.conf";
/** Where systemd-resolved writes the servers that it asks itself. */
export const upstream = "/run/systemd/resolve/resolv.conf";
export const kubeletConfig = "/var/lib/kubelet/config.yaml";

const told = (host: Host): string | undefined => {
  for (const file of ["/var/lib/kubelet/kubeadm-flags.env", "/etc/default/kubelet", "/etc/sysconfig/kubelet"]) {
    const flag = /--resolv-conf[= ]"?([^\s"]+)/.exec(host.read(file) ?? "")?.[1];
    if (flag) return flag;
  }
  try {
    const values: unknown = parse(host.read(kubeletConfig) ?? "");
    if (
      typeof values === "object" &&
      values !== null &&
      "resolvConf" in values &&
      typeof values.resolvConf === "string"
    )
      return values.resolvConf;
  } catch {
    // Not YAML: kubelet will say so itself.
  }
  return undefined;
};

/** `chosen` says who chose it. */
export const kubeletResolvConf = (
  host: Host,
): { readonly path: string; readonly chosen: "kubelet" | "kubeadm" | "default" } => {
  const path = told(host);
  if (path) return { path, chosen: "kubelet" };
  // kubeadm writes this into kubelet's config where systemd-resolved runs.
  if (host.processes.some(({ name }) => name === "systemd-resolve") && host.read(upstream) !== undefined)
    return { path: upstream, chosen: "kubeadm" };
  return { path: plain, chosen: "default" };
};

/** Of several `search` or `domain` lines the last counts. */
export const readResolvConf = (host: Host, path: string): ResolvConf | undefined => {
  const text = host.read(path);
  if (text === undefined) return undefined;
  const lines = text.split("\n").map((line) => line.trim().split(/\s+/));
  const of = (...keys: string[]): string[][] =>
    lines.filter(([key]) => keys.includes(key ?? "")).map(([, ...words]) => words);
  return {
    path,
    nameservers: of("nameserver").flatMap(([ip]) => (ip === undefined ? [] : [ip])),
    search: of("search", "domain").at(-1) ?? [],
    options: of("options").flat(),
  };
};
