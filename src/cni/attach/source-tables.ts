/** Routes that a later plugin of the list (`sbr`) has moved to the tables of the interface's own addresses. */
import { hostCidr, sameCidr } from "../../base/cidr.ts";
import type { Ip } from "../../base/ip.ts";
import { ruleActions } from "../../kernel/codec/route/rule.ts";
import type { Netns } from "../../net/kernel.ts";
import { listRules } from "../../net/rules.ts";

/** The tables that rules lead packets to which are sent from these addresses. */
export const sourceTables = (ns: Netns, ips: readonly Ip[]): ReadonlySet<number> =>
  new Set(
    listRules(ns)
      .filter((r) => r.action === ruleActions.toTable && ips.some((ip) => r.from && sameCidr(r.from, hostCidr(ip))))
      .map((r) => r.table),
  );
