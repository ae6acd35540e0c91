/** What a namespace is like now, as values: links by name, the rest as the specs that would make it. */
import { IFA_F } from "../../kernel/codec/route/address.ts";
import { routeProtocols } from "../../kernel/codec/route/route.ts";
import { ruleActions } from "../../kernel/codec/route/rule.ts";
import { type AddressSpec, listAddresses } from "../addresses.ts";
import type { Netns } from "../kernel.ts";
import { type Link, listLinks } from "../links.ts";
import { listRoutes, type RouteSpec } from "../routes.ts";
import { listRules, type RuleSpec } from "../rules.ts";
import { addressSpec, routeSpec } from "../specs.ts";

export interface NetState {
  readonly links: readonly Link[];
  /** Without those that the kernel made by itself (link-local, from router advertisements). */
  readonly addresses: readonly AddressSpec[];
  /** Without the kernel's own, which follow from the addresses. */
  readonly routes: readonly RouteSpec[];
  /** Those that look up a table. */
  readonly rules: readonly RuleSpec[];
  /** The sysctls asked for, by name; one that the kernel lacks is absent. */
  readonly sysctls: Readonly<Record<string, string>>;
}

/** Four dumps and a file read for each of `sysctls`. */
export const readState = (ns: Netns, sysctls: readonly string[] = []): NetState => {
  const links = listLinks(ns);
  const names = new Map(links.map((l) => [l.index, l.name]));
  const nameOf = (index: number): string | undefined => names.get(index);
  return {
    links,
    addresses: listAddresses(ns)
      .filter((a) => a.flags & IFA_F.permanent && !a.address.ip.startsWith("fe80:"))
      .map((a) => addressSpec(a, nameOf))
      .filter((a) => a !== undefined),
    routes: listRoutes(ns)
      .filter((r) => r.protocol !== routeProtocols.kernel && r.protocol !== routeProtocols.ra)
      .map((r) => routeSpec(r, nameOf))
      .filter((r) => r !== undefined),
    rules: listRules(ns).filter((r) => r.action === ruleActions.toTable),
    sysctls: Object.fromEntries(
      sysctls.flatMap((name) => {
        const value = ns.readSysctl(name);
        return value === undefined ? [] : [[name, value]];
      }),
    ),
  };
};
