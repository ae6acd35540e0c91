/** Options by which the one who asks describes the node and its cluster; the same for every command that wants to know. */
import { type Command, Option } from "commander";
import { cidrFamily, parseCidr } from "../../../base/cidr.ts";
import { FaultError } from "../../../base/fault.ts";
import { parseIp } from "../../../base/ip.ts";
import { nearest } from "../../../base/nearest.ts";
import { type Asked, usual } from "../../../node/asked.ts";
import { type Network, networks, type Role, roles } from "../../../node/ports/row.ts";
import { rolesOf } from "../../../node/ports/rows-for.ts";

export interface AskedOptions {
  readonly role: Role;
  readonly network: string;
  readonly podCidr?: string;
  readonly serviceCidr?: string;
  readonly nodePrefix?: string;
  readonly maxPods?: string;
  readonly nodeIp?: string;
  readonly clusterDns?: string;
}

const cidrTexts = (cidrs: Asked["podCidrs"]): string => cidrs.map((c) => `${c.ip}/${c.prefix}`).join(",");

export const roleOption = (): Option =>
  new Option("--role <role>", "what the node is, or will be").choices(roles).default("worker");

export const withRole = (command: Command): Command =>
  command
    .addOption(roleOption())
    .option(
      "--network <list>",
      `parts with ports of their own: none, or of ${networks.join(", ")}`,
      usual.networks.join(","),
    );

/** What checks of the cluster's ranges want to know, besides. */
export const withAsked = (command: Command): Command =>
  withRole(command)
    .option("--pod-cidr <list>", "addresses of pods, one range for each family", cidrTexts(usual.podCidrs))
    .option("--service-cidr <list>", "addresses of services", cidrTexts(usual.serviceCidrs))
    .option("--node-prefix <n[,n6]>", "size of a node's block of pod addresses (default: 24,64)")
    .option("--max-pods <n>", "kubelet's limit of pods", String(usual.maxPods))
    .option("--node-ip <ip>", "the node's address, when kubelet is told one")
    .option("--cluster-dns <ip>", "address of the cluster's DNS service");

/** What a cluster's network is called, which brings ports of one of the parts, or none. */
const called: Readonly<Record<string, string>> = {
  flannel: "vxlan or wireguard",
  antrea: "geneve",
  ovn: "geneve",
  "ovn-kubernetes": "geneve",
  hubble: "cilium",
  podwire: "none (or vxlan)",
  bridge: "none",
};

const meant = (word: string): string => {
  const near = called[word.toLowerCase()] ?? nearest(word, ["none", ...networks]);
  return near === undefined ? "" : `; did you mean ${near}?`;
};

export const networksOf = (text: string): Network[] =>
  text === "none"
    ? []
    : text.split(",").map((word) => {
        const found = networks.find((n) => n === word.trim());
        if (found) return found;
        throw new FaultError({
          kind: "bad-value",
          what: "--network",
          got: word === "" ? "nothing" : text === word ? word : `${word} in ${text}`,
          want: `none alone, or a list of ${networks.join(", ")}${meant(word)}`,
        });
      });

const whole = (what: string, text: string, min: number, max: number): number => {
  const n = Number(text);
  if (/^\d+$/.test(text) && n >= min && n <= max) return n;
  throw new FaultError({ kind: "bad-value", what, got: text, want: `a whole number from ${min} to ${max}` });
};

/** @throws FaultError bad-value */
export const portOf = (what: string, text: string): number => whole(what, text, 1, 65_535);

/** @throws FaultError bad-value */
export const countOf = (what: string, text: string): number => whole(what, text, 1, 100);

const cidrsOf = (what: string, text: string): Asked["podCidrs"] => {
  const cidrs = text.split(",").map((one) => parseCidr(one.trim(), what));
  if (new Set(cidrs.map(cidrFamily)).size === cidrs.length) return cidrs;
  throw new FaultError({ kind: "bad-value", what, got: text, want: "one range, or one of each family" });
};

/** @throws FaultError bad-value */
export const askedOf = (o: AskedOptions): Asked => {
  const [four, six, ...more] = (o.nodePrefix ?? `${usual.nodePrefix[4]},${usual.nodePrefix[6]}`).split(",");
  if (more.length > 0)
    throw new FaultError({
      kind: "bad-value",
      what: "--node-prefix",
      got: o.nodePrefix!,
      want: "one number, or two: of IPv4 and of IPv6",
    });
  return {
    roles: rolesOf(o.role),
    networks: networksOf(o.network),
    podCidrs: o.podCidr === undefined ? usual.podCidrs : cidrsOf("--pod-cidr", o.podCidr),
    serviceCidrs: o.serviceCidr === undefined ? usual.serviceCidrs : cidrsOf("--service-cidr", o.serviceCidr),
    nodePrefix: {
      4: whole("--node-prefix", four ?? "", 8, 30),
      6: whole("--node-prefix", six ?? String(usual.nodePrefix[6]), 8, 126),
    },
    maxPods: o.maxPods === undefined ? usual.maxPods : whole("--max-pods", o.maxPods, 1, 65_535),
    ...(o.nodeIp === undefined ? {} : { nodeIp: parseIp(o.nodeIp, "--node-ip") }),
    ...(o.clusterDns === undefined ? {} : { clusterDns: parseIp(o.clusterDns, "--cluster-dns") }),
  };
};
