/** From a flight that has landed to what it proves. Pure. */

import { family, type Ip } from "../base/ip.ts";
import type { Flight } from "./flight.ts";
import type { Endpoint, Finding, Pair, PromiseId } from "./types.ts";

/** `unchecked`: traffic that did not arrive says nothing about translation. */
export type Verdict = Finding | (Pair & { readonly promise: PromiseId; readonly unchecked: true });

/** `held`: addresses that the kernel says an endpoint has, by its place; a host-network pod is seen under any of its node's. */
export const judge = (endpoints: readonly Endpoint[], held: readonly (readonly Ip[])[], flight: Flight): Verdict[] => {
  const { traffic, proto, from, to, fromIp, toIp } = flight.probe;
  const source = endpoints[from]!;
  const target = endpoints[to]!;
  const pair = { from: source.name, to: target.name, fromIp, toIp, sameNode: source.node === target.node };
  const finding = (promise: PromiseId, error: string | undefined): Finding => ({
    promise,
    proto,
    ...pair,
    ok: error === undefined,
    ...(error === undefined ? {} : { error }),
    ...(error === undefined && flight.micros !== undefined ? { micros: flight.micros } : {}),
  });
  const reached = finding(traffic, flight.error ?? otherEnd(endpoints, flight));
  if (traffic !== "pod-to-pod") return [reached];
  if (flight.seen === undefined)
    return [reached, { promise: "no-nat", from: source.name, to: target.name, unchecked: true }];
  return [reached, finding("no-nat", translation(source, held[from] ?? [], flight))];
};

const otherEnd = (endpoints: readonly Endpoint[], { probe, arrivedAt }: Flight): string | undefined =>
  arrivedAt === undefined || arrivedAt === probe.to
    ? undefined
    : `${endpoints[arrivedAt]?.name} answers in place of ${endpoints[probe.to]?.name}`;

const translation = (
  source: Endpoint,
  held: readonly Ip[],
  { probe, seen, answeredFrom }: Flight,
): string | undefined => {
  const own = source.ips.filter((ip) => family(ip) === family(probe.fromIp));
  if (seen !== undefined && !own.includes(seen) && !held.includes(seen))
    return `server saw ${seen}, want ${own.join(" or ")}: the address was translated`;
  if (answeredFrom) return `answer came from ${answeredFrom}, want ${probe.toIp}: the address was translated`;
  return undefined;
};
