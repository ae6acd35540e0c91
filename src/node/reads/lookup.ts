/** The kernel's choice of a route, followed through the policy rules: which rule and which route decide on a packet. Pure. */
import { type Cidr, cidrFamily, contains } from "../../base/cidr.ts";
import { family, type Ip } from "../../base/ip.ts";
import { ruleActions } from "../../kernel/codec/route/rule.ts";
import type { Route } from "../../net/routes.ts";
import type { Rule } from "../../net/rules.ts";

export interface Packet {
  readonly from: Ip;
  readonly to: Ip;
  /** Name of the link that it came by; absent: it is the node's own. */
  readonly iif?: string;
}

export interface Decision {
  readonly rule: Rule;
  /** Absent when the rule itself decides: unreachable, blackhole. */
  readonly route?: Route;
}

const inside = (cidr: Cidr | undefined, ip: Ip): boolean => cidr === undefined || contains(cidr, ip);

/** Packets of pods carry no mark; a rule for marked ones is not for them, and one for all others is. */
export const matchesRule = (rule: Rule, packet: Packet): boolean => {
  const fits =
    inside(rule.from, packet.from) &&
    inside(rule.to, packet.to) &&
    (rule.iif === undefined || rule.iif === (packet.iif ?? "lo")) &&
    rule.oif === undefined &&
    (rule.mark === undefined || rule.mark === 0);
  return fits !== (rule.invert ?? false);
};

const best = (routes: readonly Route[], rule: Rule, to: Ip): Route | undefined => {
  const [first] = routes
    .filter((r) => r.table === rule.table && cidrFamily(r.dst) === family(to) && contains(r.dst, to))
    .sort((a, b) => b.dst.prefix - a.dst.prefix || (a.priority ?? 0) - (b.priority ?? 0));
  if (first && rule.suppressPrefixlen !== undefined && first.dst.prefix <= rule.suppressPrefixlen) return undefined;
  return first;
};

/** Undefined when no rule knows a way. Jumps to other rules (`goto`) are not followed. */
export const decide = (rules: readonly Rule[], routes: readonly Route[], packet: Packet): Decision | undefined => {
  const own = rules.filter((r) => r.family === family(packet.to)).sort((a, b) => a.priority - b.priority);
  for (const rule of own) {
    if (!matchesRule(rule, packet)) continue;
    if (rule.action === ruleActions.toTable) {
      const route = best(routes, rule, packet.to);
      if (route) return { rule, route };
    } else if (rule.action !== ruleActions.goto && rule.action !== ruleActions.nop) return { rule };
  }
  return undefined;
};
