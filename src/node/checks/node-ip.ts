/** I6: the address that the node will be known by, on the right link. */
import { type Cidr, cidrFamily, contains, parseCidr } from "../../base/cidr.ts";
import { family, type Ip, isLinkLocal6, isLoopback, tryIp } from "../../base/ip.ts";
import type { Asked } from "../asked.ts";
import type { Check, Finding } from "../check.ts";
import { ok } from "../finding.ts";
import type { Host } from "../host.ts";
import { kubeletArgFix } from "../reads/kubelet-args.ts";
import { bridgesOf, chosenConf } from "../reads/network-confs.ts";
import { globalAddresses, nodeAddress, toldNodeIp, uplinksOf } from "../reads/uplinks.ts";

/** VirtualBox gives this very address to every guest (its NAT network, the first card of Vagrant's machines). */
const virtualBoxNat: Cidr = parseCidr("10.0.2.0/24");
const linkLocal4: Cidr = parseCidr("169.254.0.0/16");

/** Addresses on links that lead out, those that every machine has left aside. */
const better = (host: Host, not: Ip | undefined): Ip | undefined =>
  uplinksOf(host)
    .flatMap((l) => globalAddresses(host, l))
    .map((a) => a.address.ip)
    .find((ip) => ip !== not && !contains(virtualBoxNat, ip) && (not === undefined || family(ip) === family(not)));

const bad = (host: Host, ip: Ip | undefined, subject: string, seen: string, want: string): Finding => {
  const other = better(host, ip);
  const fix = other && kubeletArgFix(host, "node-ip", other);
  return { outcome: "fail", subject, seen, want, ...(fix ? { fix } : {}) };
};

/** What is wrong with it, in words. */
const faultOf = (host: Host, ip: Ip): string | undefined => {
  const held = host.addresses.find((a) => a.address.ip === ip);
  if (!held) return "is on no link of this node";
  const link = host.links.find((l) => l.index === held.link);
  if (isLoopback(ip) || isLinkLocal6(ip) || contains(linkLocal4, ip)) return "is good on this machine or link alone";
  if (link?.kind === "bridge" && bridgesOf(chosenConf(host)).includes(link.name))
    return `is on ${link.name}, the pods' bridge`;
  if (/^(docker0|virbr\d+|lxdbr\d+|podman\d+)$/.test(link?.name ?? ""))
    return `is on ${link?.name}, which leads nowhere outside`;
  const nat = contains(virtualBoxNat, ip) && host.routes.some((r) => r.gw === "10.0.2.2");
  return nat ? "is VirtualBox's NAT: every guest has the same" : undefined;
};

const look = (host: Host, asked: Asked): Finding[] => {
  const told = toldNodeIp(host);
  const toldIp = told && tryIp(told.text);
  if (told && toldIp === undefined) return [bad(host, undefined, told.path, `--node-ip=${told.text}`, "an address")];
  const chosen = nodeAddress(host, asked);
  const ip = toldIp ?? chosen?.ip;
  const by = told?.path ?? chosen?.by ?? "";
  if (ip === undefined)
    return [
      bad(
        host,
        undefined,
        "node IP",
        "no default route to take it from, and --node-ip is not set",
        "an address of this node",
      ),
    ];
  const fault = faultOf(host, ip);
  if (fault !== undefined)
    return [bad(host, ip, by, `${ip} ${fault}`, "an address of this node by which the others reach it")];
  if (asked.nodeIp !== undefined && toldIp !== undefined && asked.nodeIp !== toldIp)
    return [bad(host, toldIp, by, `kubelet is told ${toldIp}`, `${asked.nodeIp}, as --node-ip says`)];
  const link = host.links.find((l) => l.index === host.addresses.find((a) => a.address.ip === ip)?.link);
  return [ok(`${ip} on ${link?.name ?? "?"}, by ${by}`)];
};

export const nodeIpCheck: Check = {
  id: "I6",
  name: "node-ip",
  area: "identity",
  severity: "fail",
  title: "the node's address is its own, on the link to the others",
  why: "kubelet registers it and the network plugin routes to it: with a wrong one the node joins, and its pods are reached by nobody",
  // Without any link there is nothing to choose from, which is L1's to say.
  run: (host, asked) =>
    uplinksOf(host).some((l) => l.up) ||
    globalAddresses(host).some((a) => cidrFamily(a.address) === 4 && host.kind === "machine")
      ? look(host, asked)
      : [],
};
