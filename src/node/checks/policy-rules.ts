/** R4: the kernel's own routing rules are there, and no other takes pods' packets. */
import { cidrFamily, cidrText, networkOf } from "../../base/cidr.ts";
import { ipAdd } from "../../base/ip.ts";
import { routeTables } from "../../kernel/codec/route/route.ts";
import type { Rule } from "../../net/rules.ts";
import type { Asked } from "../asked.ts";
import type { Check, Finding } from "../check.ts";
import { count, ok } from "../finding.ts";
import type { Host } from "../host.ts";
import { decide, matchesRule } from "../reads/lookup.ts";
import { linkOf } from "../reads/uplinks.ts";

/** The third, for table default, is missing on many machines and missed by nobody: it is empty. */
const wanted = [
  { priority: 0, table: routeTables.local, name: "local" },
  { priority: 32766, table: routeTables.main, name: "main" },
] as const;

const ipOf = (family: 4 | 6): string => (family === 4 ? "ip" : "ip -6");

const missing = (host: Host, family: 4 | 6): Finding[] =>
  wanted
    .filter(
      ({ table }) =>
        !host.rules.some((r) => r.family === family && r.table === table && !r.from && !r.to && r.mark === undefined),
    )
    .map(({ priority, name }) => ({
      outcome: "warn",
      subject: `IPv${family}`,
      seen: `no rule for table ${name}`,
      want: `${priority}: from all lookup ${name}`,
      fix: {
        command: `${ipOf(family)} rule add pref ${priority} lookup ${name}`,
        undo: `${ipOf(family)} rule del pref ${priority} lookup ${name}`,
        survivesReboot: false,
      },
    }));

const isUsual = ({ table }: Rule): boolean =>
  table === routeTables.local || table === routeTables.main || table === routeTables.default;

/** A pod's packet to a pod of another block: where nothing knows of pods yet, it takes what a default route would. */
const captured = (host: Host, { podCidrs }: Asked): Finding[] =>
  podCidrs.flatMap((cidr): Finding[] => {
    const family = cidrFamily(cidr);
    const from = ipAdd(networkOf(cidr), 2);
    const to = ipAdd(networkOf(cidr), 3 * 256 + 2);
    const packet = { from, to, iif: "cni0" };
    const decision = decide(host.rules, host.routes, packet);
    if (!decision || isUsual(decision.rule)) return [];
    const { rule, route } = decision;
    // Routes to pods that come later will be found there first.
    const asksMain = (r: Rule): boolean =>
      r.family === family && r.table === routeTables.main && matchesRule(r, packet);
    if (host.rules.some((r) => r.priority < rule.priority && asksMain(r))) return [];
    const by = route ? ` by ${linkOf(host, route.link)?.name ?? cidrText(route.dst)}` : ", and drops them";
    const pref = rule.priority - 1;
    return [
      {
        outcome: "warn",
        subject: cidrText(cidr),
        seen: `rule ${rule.priority} sends pods' packets to table ${rule.table}${by}`,
        want: "the main table to decide on pods' packets",
        fix: {
          command: `${ipOf(family)} rule add to ${cidrText(cidr)} lookup main pref ${pref}`,
          undo: `${ipOf(family)} rule del to ${cidrText(cidr)} lookup main pref ${pref}`,
          survivesReboot: false,
        },
      },
    ];
  });

export const policyRulesCheck: Check = {
  id: "R4",
  name: "policy-rules",
  area: "routing",
  severity: "warn",
  title: "no routing rule takes pods' packets elsewhere",
  why: "a VPN swallows pods' traffic, or nothing is routed at all although every route is there",
  run: (host, asked) => {
    const families = [...new Set(asked.podCidrs.map(cidrFamily))].filter((f) => host.rules.some((r) => r.family === f));
    const found = [...families.flatMap((f) => missing(host, f)), ...captured(host, asked)];
    return found.length > 0 ? found : [ok(count(host.rules.length, "rule"))];
  },
};
