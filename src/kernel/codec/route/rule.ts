/** Routing policy rules: RTM_NEWRULE, RTM_DELRULE, RTM_GETRULE (linux/fib_rules.h, struct fib_rule_hdr). `ip rule`. */
import { at, attrs, body } from "../attrs.ts";
import { str, u8, u32 } from "../codec.ts";
import { ip } from "../fields.ts";
import { struct } from "../struct.ts";

export const RTM_RULE = { new: 32, del: 33, get: 34 } as const;
/** FR_ACT_* */
export const ruleActions = { toTable: 1, goto: 2, nop: 3, blackhole: 6, unreachable: 7, prohibit: 8 } as const;

const ruleHeader = struct({
  family: u8,
  dstLen: u8,
  srcLen: u8,
  tos: u8,
  tableLow: u8,
  _res1: u8,
  _res2: u8,
  action: u8,
  flags: u32,
});

export const rule = body(
  ruleHeader,
  attrs(() => ({
    dst: at(1, ip),
    src: at(2, ip),
    iifname: at(3, str),
    goto: at(4, u32),
    priority: at(6, u32),
    fwmark: at(10, u32),
    suppressIfgroup: at(13, u32),
    suppressPrefixlen: at(14, u32),
    table: at(15, u32),
    fwmask: at(16, u32),
    oifname: at(17, str),
    l3mdev: at(19, u8),
    protocol: at(21, u8),
  })),
);
export type RuleMessage = ReturnType<typeof rule.read>;
