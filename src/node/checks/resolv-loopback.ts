/** D1: pods are not given a name server that is themselves. */
import type { Check, Fix } from "../check.ts";
import { ok } from "../finding.ts";
import type { Host } from "../host.ts";
import { kubeletArgFix } from "../reads/kubelet-args.ts";
import { kubeletConfig, kubeletResolvConf, readResolvConf, upstream } from "../reads/resolv-conf.ts";

const isLoopback = (ip: string): boolean => /^(127\.|::1$|::ffff:127\.)/.test(ip);

const fixOf = (host: Host, path: string, loop: string): Fix => {
  if (path === upstream || host.read(upstream) === undefined)
    return {
      command: `sed -i 's/^nameserver ${loop}$/nameserver 9.9.9.9/' ${path}   # or your own server`,
      undo: `sed -i 's/^nameserver 9.9.9.9$/nameserver ${loop}/' ${path}`,
      survivesReboot: false,
    };
  if (host.read(kubeletConfig) === undefined) return kubeletArgFix(host, "resolv-conf", upstream);
  return {
    command: `sed -i.before '/^resolvConf:/d;$a resolvConf: ${upstream}' ${kubeletConfig} && systemctl restart kubelet`,
    undo: `mv ${kubeletConfig}.before ${kubeletConfig} && systemctl restart kubelet`,
    survivesReboot: true,
  };
};

export const resolvLoopbackCheck: Check = {
  id: "D1",
  name: "resolv-loopback",
  area: "names",
  severity: "fail",
  title: "the name servers that pods are given are not on loopback",
  why: "CoreDNS asks itself: 'Loop detected', it crashes again and again, and no pod resolves any name",
  run: (host) => {
    const { path, chosen } = kubeletResolvConf(host);
    const conf = readResolvConf(host, path);
    if (conf === undefined) return [];
    const by = { kubelet: ", which kubelet is told to take", kubeadm: ", which kubeadm takes", default: "" }[chosen];
    const loop = conf.nameservers.find(isLoopback);
    if (loop === undefined) return [ok(`${conf.nameservers.join(", ") || "none"} (${path}${by})`)];
    return [
      {
        outcome: "fail",
        seen: `nameserver ${loop} in ${path}${by}`,
        want: "servers that a pod reaches: those that the local one asks itself",
        fix: fixOf(host, path, loop),
      },
    ];
  },
};
