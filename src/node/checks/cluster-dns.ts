/** C4: the address at which pods ask for names is one of a service, and the same for kubelet. */
import { parse } from "yaml";
import { type Cidr, cidrText, contains, networkOf, parseCidr } from "../../base/cidr.ts";
import { type Ip, ipAdd, tryIp } from "../../base/ip.ts";
import type { Asked } from "../asked.ts";
import type { Check, Finding } from "../check.ts";
import { ok } from "../finding.ts";
import type { Host } from "../host.ts";

const path = "/var/lib/kubelet/config.yaml";
/** NodeLocal DNSCache listens at a link-local address. */
const local: Cidr = parseCidr("169.254.0.0/16");

/** What kubelet is told; undefined without a config. */
const told = (host: Host): readonly string[] | undefined => {
  const text = host.read(path);
  if (text === undefined) return undefined;
  const config: unknown = parse(text);
  const list = typeof config === "object" && config !== null && "clusterDNS" in config ? config.clusterDNS : [];
  return Array.isArray(list) ? list.map(String) : [];
};

const look = (text: string, subject: string, { serviceCidrs }: Asked, fix: Finding["fix"]): Finding => {
  const ip = tryIp(text);
  if (ip && (contains(local, ip) || serviceCidrs.some((c) => contains(c, ip)))) return ok(text, subject);
  return {
    outcome: "fail",
    subject,
    seen: text,
    want: `an address in ${serviceCidrs.map(cidrText).join(" or ")}`,
    ...(fix ? { fix } : {}),
  };
};

/** kubeadm's choice: the tenth of the services. */
const usualDns = ({ serviceCidrs, clusterDns }: Asked): Ip | undefined =>
  clusterDns ?? (serviceCidrs[0] && ipAdd(networkOf(serviceCidrs[0]), 10));

export const clusterDnsCheck: Check = {
  id: "C4",
  name: "cluster-dns",
  area: "ranges",
  severity: "fail",
  title: "kubelet tells pods the cluster's DNS service",
  why: "no name resolves in any pod of the node",
  run: (host, asked): readonly Finding[] => {
    const kubelet = told(host);
    const right = usualDns(asked);
    const mend = (was: string): Finding["fix"] =>
      right && {
        command: `sed -i 's/^- ${was}$/- ${right}/' ${path} && systemctl restart kubelet`,
        undo: `sed -i 's/^- ${right}$/- ${was}/' ${path} && systemctl restart kubelet`,
        survivesReboot: true,
      };
    const asks = asked.clusterDns === undefined ? [] : [look(asked.clusterDns, "--cluster-dns", asked, undefined)];
    const says = (kubelet ?? []).map((text) => look(text, path, asked, mend(text)));
    const apart =
      asked.clusterDns !== undefined &&
      kubelet !== undefined &&
      kubelet.length > 0 &&
      !kubelet.includes(asked.clusterDns) &&
      kubelet.map(tryIp).every((ip) => ip === undefined || !contains(local, ip));
    if (apart)
      return [
        ...asks,
        {
          outcome: "fail",
          subject: path,
          seen: kubelet.join(", "),
          want: asked.clusterDns!,
          ...(kubelet[0] ? { fix: mend(kubelet[0])! } : {}),
        },
      ];
    return [...asks, ...says];
  },
};
