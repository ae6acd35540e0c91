/** Routing policy rules: the verbs of `ip rule`. */

import type { Cidr } from "../base/cidr.ts";
import { FaultError } from "../base/fault.ts";
import type { Family, Ip } from "../base/ip.ts";
import { F, type Message } from "../kernel/codec/message.ts";
import { RTM_RULE, rule, ruleActions } from "../kernel/codec/route/rule.ts";
import type { Op } from "../kernel/os/syscall.ts";
import { AF } from "./addresses.ts";
import type { Netns } from "./kernel.ts";
import { podwireProtocol } from "./routes.ts";

export interface RuleSpec {
  readonly family: Family;
  readonly table: number;
  readonly priority?: number;
  readonly from?: Cidr;
  readonly to?: Cidr;
  readonly iif?: string;
  readonly oif?: string;
  readonly mark?: number;
  /** Bits of `mark` that count; default: all. */
  readonly mask?: number;
  /** `not`: the rule is for packets that do not match. */
  readonly invert?: boolean;
  /** Passes over routes of this prefix length or shorter. */
  readonly suppressPrefixlen?: number;
  /** Passes over routes by links of this group; one that no link has changes nothing, and can mark the rule. */
  readonly suppressIfgroup?: number;
  /** Default: `podwireProtocol`. */
  readonly protocol?: number;
}

export interface Rule extends RuleSpec {
  /** FR_ACT_*; `table` counts only for the first. */
  readonly action: number;
  readonly priority: number;
  readonly protocol: number;
}

const FIB_RULE_INVERT = 2;
/** FRA_FWMASK, FRA_SUPPRESS_PREFIXLEN and FRA_SUPPRESS_IFGROUP when none was given. */
const ALL = 0xffffffff;

const message = (r: RuleSpec): Uint8Array =>
  rule.write({
    family: AF[r.family],
    srcLen: r.from?.prefix ?? 0,
    dstLen: r.to?.prefix ?? 0,
    tableLow: r.table < 256 ? r.table : 0,
    action: ruleActions.toTable,
    flags: r.invert ? FIB_RULE_INVERT : 0,
    src: r.from?.ip,
    dst: r.to?.ip,
    iifname: r.iif,
    oifname: r.oif,
    priority: r.priority,
    fwmark: r.mark,
    fwmask: r.mask,
    suppressPrefixlen: r.suppressPrefixlen,
    suppressIfgroup: r.suppressIfgroup,
    table: r.table,
    protocol: r.protocol ?? podwireProtocol,
  });

export const addRule = (ns: Netns, r: RuleSpec, op: Op): void => {
  ns.rt.request({ type: RTM_RULE.new, flags: F.create | F.excl, op, payload: message(r), locate: rule.locate });
};
export const delRule = (ns: Netns, r: RuleSpec, op: Op): void => {
  ns.rt.request({ type: RTM_RULE.del, op, payload: message(r), locate: rule.locate });
};

const dump = (ns: Netns, family: Family): Message[] => {
  try {
    return ns.rt.dump({ type: RTM_RULE.get, op: "ip rule", payload: rule.write({ family: AF[family] }) });
  } catch (error) {
    // A kernel that runs without IPv6 has no rules of it.
    const fault = error instanceof FaultError ? error.fault : undefined;
    if (family === 6 && fault?.kind === "kernel" && fault.errno === "EAFNOSUPPORT") return [];
    throw error;
  }
};

/** `ip rule` of both families, in order of priority. */
export const listRules = (ns: Netns): Rule[] =>
  ([4, 6] as const).flatMap((family) => {
    const prefix = (ip: Ip | undefined, prefix: number): Cidr | undefined => (ip ? { ip, prefix } : undefined);
    return dump(ns, family)
      .map((m) => rule.read(m.payload))
      .map((m): Rule => {
        const from = prefix(m.src, m.srcLen);
        const to = prefix(m.dst, m.dstLen);
        return {
          family,
          action: m.action,
          table: m.table ?? m.tableLow,
          priority: m.priority ?? 0,
          protocol: m.protocol ?? 0,
          ...(from ? { from } : {}),
          ...(to ? { to } : {}),
          ...(m.iifname ? { iif: m.iifname } : {}),
          ...(m.oifname ? { oif: m.oifname } : {}),
          ...(m.fwmark ? { mark: m.fwmark } : {}),
          ...(m.fwmark && m.fwmask !== undefined && m.fwmask !== ALL ? { mask: m.fwmask } : {}),
          ...(m.flags & FIB_RULE_INVERT ? { invert: true } : {}),
          ...(m.suppressPrefixlen === undefined || m.suppressPrefixlen === ALL
            ? {}
            : { suppressPrefixlen: m.suppressPrefixlen }),
          ...(m.suppressIfgroup === undefined || m.suppressIfgroup === ALL
            ? {}
            : { suppressIfgroup: m.suppressIfgroup }),
        };
      });
  });
