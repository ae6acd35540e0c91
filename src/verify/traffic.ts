/** What the drivers of the three protocols share: the loop, the grounds, and how a flight begins, is seen and ends. */
import { family, type Ip } from "../base/ip.ts";
import type { Loop } from "../kernel/os/loop.ts";
import type { Flight } from "./flight.ts";
import type { Door, Ground, Station } from "./ground.ts";
import type { Probe } from "./plan.ts";
import type { Token } from "./token.ts";

export interface Traffic {
  readonly loop: Loop;
  readonly nonce: number;
  readonly timeoutMs: number;
  /** By place of the endpoint. */
  readonly grounds: readonly Ground[];
  /** By id of the probe. */
  readonly flights: readonly Flight[];
  /** Bytes of the largest IP packet that a probe's source may send; for full-mtu. */
  readonly mtuOf: (probe: Probe) => number;
  /** The end of a flight: answered, or lost for a reason. The first call counts. */
  readonly land: (flight: Flight, error?: string) => void;
}

/** Shares of the time allowed at which something that went unanswered is sent again. */
export const retryAt = [0.2, 0.5] as const;

/** Starts the clock of a flight; at its deadline it lands with the words for silence. */
export const setDeadline = (t: Traffic, flight: Flight): void => {
  flight.startedAt = performance.now();
  t.loop.after(t.timeoutMs, flight, () => t.land(flight, silence(t, flight)));
};

const silence = (t: Traffic, { probe, lastErrno, arrivedAt, connected }: Flight): string => {
  const within = `within ${t.timeoutMs / 1000} s`;
  // A veth drops what its other end cannot take, and the sender is told no more than ENOBUFS.
  if (lastErrno === "ENOBUFS" && probe.traffic === "full-mtu")
    return `${lastErrno}: ${t.mtuOf(probe)} bytes are dropped as they leave the pod`;
  if (lastErrno) return `${lastErrno}: could not be sent ${within}`;
  if (arrivedAt !== undefined) return `the request arrived, its answer did not come back ${within}`;
  if (connected) return `connected, then no answer ${within}`;
  if (probe.traffic === "full-mtu")
    return `${t.mtuOf(probe)} bytes vanish (no answer ${within}) and nobody says why: a black hole for large packets`;
  return `no answer ${within}`;
};

export const doorOf = (t: Traffic, { to, toIp }: Probe): Door => t.grounds[to]!.doors.get(toIp)!;
export const stationOf = (t: Traffic, { from, toIp }: Probe): Station => t.grounds[from]!.stations.get(family(toIp))!;

/** The flight that a token belongs to, when it is ours. */
export const flightOf = (t: Traffic, token: Token | undefined): Flight | undefined =>
  token?.nonce === t.nonce ? t.flights[token.probe] : undefined;

/** A request was seen at an endpoint. Endpoints that share a namespace are one place. */
export const arrive = (t: Traffic, flight: Flight, endpoint: number, from: Ip | undefined): void => {
  const shared = t.grounds[endpoint]?.netns === t.grounds[flight.probe.to]?.netns;
  flight.arrivedAt = shared ? flight.probe.to : endpoint;
  if (from) flight.seen = from;
};
