/** Does every endpoint hold an address of its own? Asked before any traffic: what is held twice proves nothing. Pure. */
import { family, type Ip } from "../base/ip.ts";
import type { Sound } from "./plan.ts";
import type { HeldAddress } from "./survey.ts";
import type { Endpoint, Finding } from "./types.ts";

export interface Uniqueness {
  readonly findings: readonly Finding[];
  readonly sounds: readonly Sound[];
}

const names = (them: readonly Endpoint[]): string => them.map((e) => e.name).join(" and ");

/** `held`: what the kernel says, by place of the endpoint. Endpoints that share a namespace share its addresses. */
export const checkUnique = (endpoints: readonly Endpoint[], held: readonly (readonly HeldAddress[])[]): Uniqueness => {
  // What an endpoint holds counts as much as what it is said to hold.
  const claims = new Map<Ip, Endpoint[]>();
  for (const [i, e] of endpoints.entries())
    for (const ip of new Set([...e.ips, ...(held[i] ?? []).map((h) => h.ip)]))
      claims.set(ip, [...(claims.get(ip) ?? []), e]);

  const findings: Finding[] = [];
  const sounds = endpoints.map((endpoint, i): Sound => {
    const judge = (ip: Ip): boolean => {
      const others = (claims.get(ip) ?? []).filter((e) => e.netns !== endpoint.netns);
      const own = held[i]?.find((h) => h.ip === ip);
      const error =
        others.length > 0
          ? `${ip} is held by ${names([endpoint, ...others])}`
          : own === undefined
            ? `${endpoint.name} does not hold ${ip}${holds(held[i] ?? [], ip)}`
            : own.unusable && `${ip} cannot be used: ${own.unusable}`;
      const to = others[0] ?? endpoint;
      const pair = { from: endpoint.name, to: to.name, fromIp: ip, toIp: ip, sameNode: to.node === endpoint.node };
      findings.push({ promise: "unique-address", ...pair, ok: error === undefined, ...(error ? { error } : {}) });
      return error === undefined;
    };
    return { endpoint, ips: [...new Set(endpoint.ips)].filter(judge) };
  });
  return { findings, sounds };
};

const holds = (held: readonly HeldAddress[], ip: Ip): string => {
  const same = held.filter((h) => family(h.ip) === family(ip)).map((h) => h.ip);
  return same.length > 0
    ? `: it holds ${same.join(", ")}`
    : `: it holds no IPv${family(ip)} address on a link that is up`;
};
