/** What of a result and of a pod's rules belongs to an attachment. Pure. */
import { type Cidr, hostCidr, sameCidr } from "../../../base/cidr.ts";
import { family, type Ip } from "../../../base/ip.ts";
import { badConfig } from "../../../base/json-read.ts";
import { ruleActions } from "../../../kernel/codec/route/rule.ts";
import type { Rule, RuleSpec } from "../../../net/rules.ts";
import { type Owner, ruleMark } from "../../mark.ts";
import type { Result } from "../../spec/types.ts";

/** An address that gets a rule. */
export interface Source {
  readonly address: Cidr;
  readonly gateway?: Ip;
}

/** The interface's addresses in a result, each once; one without an interface is taken to be its. */
export const sourcesIn = (result: Result, ifname: string): readonly Source[] => {
  const own = result.ips.filter((ip) => {
    const on = ip.interface === undefined ? undefined : result.interfaces[ip.interface];
    return on === undefined || on.name === ifname;
  });
  return own.filter((ip, i) => own.findIndex((x) => x.address.ip === ip.address.ip) === i);
};

/** @throws FaultError bad-config: without an address there is no source to route by */
export const needSources = (result: Result, ifname: string): readonly Source[] => {
  const sources = sourcesIn(result, ifname);
  if (sources.length === 0) throw badConfig("prevResult.ips", `has no address of ${ifname}, and sbr routes by these`);
  return sources;
};

/** `from ADDRESS table TABLE`, with the owner's mark. */
export const ruleFor = (owner: Owner, ip: Ip, table: number): RuleSpec => ({
  family: family(ip),
  table,
  from: hostCidr(ip),
  suppressIfgroup: ruleMark(owner),
});

/** Has nothing but one source and a table. */
const isPlain = (r: Rule): boolean =>
  r.action === ruleActions.toTable &&
  r.from !== undefined &&
  sameCidr(r.from, hostCidr(r.from.ip)) &&
  r.to === undefined &&
  r.iif === undefined &&
  r.oif === undefined &&
  r.mark === undefined &&
  !r.invert &&
  r.suppressPrefixlen === undefined;

export const isMarked = (owner: Owner, r: Rule): boolean => isPlain(r) && r.suppressIfgroup === ruleMark(owner);

/** As the reference makes them, which marks nothing: after an upgrade such rules are ours to find by their address. */
export const isUnmarked = (r: Rule): boolean => isPlain(r) && r.suppressIfgroup === undefined && r.protocol === 0;
