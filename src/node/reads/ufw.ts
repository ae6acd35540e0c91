/** ufw's settings from its own files (ufw(8), ufw-framework(8)). */
import { contains, tryCidr } from "../../base/cidr.ts";
import { family, tryIp } from "../../base/ip.ts";
import type { Packet } from "../firewall/simulate/verdict.ts";
import type { Host } from "../host.ts";

export interface UfwRule {
  readonly routed: boolean;
  readonly action: string;
  readonly protocol: string;
  readonly dport: string;
  readonly dst: string;
  readonly src: string;
  /** `in`, `out`, `in_eth0`. */
  readonly direction: string;
  readonly family: 4 | 6;
}

export interface Ufw {
  readonly enabled: boolean;
  readonly input: string;
  readonly forward: string;
  readonly rules: readonly UfwRule[];
}

const files = [
  [4, "/etc/ufw/user.rules"],
  [6, "/etc/ufw/user6.rules"],
] as const;

const rulesOf = (text: string, f: 4 | 6): UfwRule[] =>
  [...text.matchAll(/^### tuple ### (.+)$/gm)].flatMap(([, line]): UfwRule[] => {
    const [verb = "", protocol = "", dport = "", dst = "", , src = "", ...rest] = line!.split(/\s+/);
    const direction = rest.find((word) => /^(in|out)(_|$)/.test(word)) ?? "in";
    const action = verb.replace(/^route:/, "").split("_")[0] ?? "";
    return [{ routed: verb.startsWith("route:"), action, protocol, dport, dst, src, direction, family: f }];
  });

const policy = (text: string, chain: string, otherwise: string): string =>
  [...text.matchAll(new RegExp(`^\\s*DEFAULT_${chain}_POLICY="?(\\w+)`, "gm"))].at(-1)?.[1] ?? otherwise;

/** Undefined where it is not installed. Its rules are root's. @throws FaultError io */
export const readUfw = (host: Host): Ufw | undefined => {
  const conf = host.read("/etc/ufw/ufw.conf");
  if (conf === undefined) return undefined;
  const defaults = host.read("/etc/default/ufw") ?? "";
  const enabled = /^\s*ENABLED=yes/im.test(conf);
  return {
    enabled,
    input: policy(defaults, "INPUT", "DROP"),
    forward: policy(defaults, "FORWARD", "DROP"),
    rules: enabled ? files.flatMap(([f, path]) => rulesOf(host.read(path) ?? "", f)) : [],
  };
};

const portMatches = (text: string, port: number | undefined): boolean =>
  text === "any" ||
  text.split(",").some((part) => {
    const [first, last] = part.split(":").map(Number);
    return port !== undefined && port >= first! && port <= (last ?? first!);
  });

const sideMatches = (text: string, ip: Packet["src"]): boolean => {
  if (text === "any") return true;
  const one = tryIp(text);
  if (one) return one === ip;
  const cidr = tryCidr(text);
  return cidr !== undefined && contains(cidr, ip);
};

const matches = (rule: UfwRule, p: Packet): boolean =>
  rule.family === family(p.src) &&
  (rule.protocol === "any" || rule.protocol === p.protocol) &&
  portMatches(rule.dport, p.dport) &&
  sideMatches(rule.dst, p.dst) &&
  sideMatches(rule.src, p.src) &&
  (rule.direction === "in" || rule.direction === `in_${p.iif}`);

/** The first rule that fits decides, and the policy where none does. */
export const ufwLetsIn = ({ rules, input }: Ufw, p: Packet): boolean => {
  const first = rules.find((rule) => !rule.routed && matches(rule, p));
  return first ? first.action === "allow" || first.action === "limit" : input === "ACCEPT";
};

export const ufwPasses = ({ rules, forward }: Ufw, p: Packet): boolean => {
  const first = rules.find((rule) => rule.routed && matches(rule, p));
  return first ? first.action === "allow" || first.action === "limit" : forward === "ACCEPT";
};
