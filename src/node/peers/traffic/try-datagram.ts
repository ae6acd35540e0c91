/** Trying UDP and IP protocols: one socket for all of a family, sent once more when nothing comes back. */
import { type Family, family } from "../../../base/ip.ts";
import { writeSockaddr } from "../../../kernel/codec/sockaddr.ts";
import { EPOLL } from "../../../kernel/os/epoll.ts";
import { errnoName } from "../../../kernel/os/errno.ts";
import { openInetSocket, receiveError, receiveFrom, sendBytes, setKeepErrors } from "../../../kernel/os/inet-socket.ts";
import { type Flight, type Ground, microsSince, retryAt, worthRetry } from "./ground.ts";
import { readProbe, writeProbe } from "./probe.ts";
import type { Try } from "./tried.ts";

const TURNS = 64;
const buffer = new Uint8Array(65536);

/** Flights of one socket that wait for an answer. */
export interface Waiting {
  readonly byId: Map<number, Flight>;
  /** An ICMP error names no more than where it went. */
  readonly byPlace: Map<string, Flight>;
}
export const newWaiting = (): Waiting => ({ byId: new Map(), byPlace: new Map() });
const placeOf = ({ ip, port, protocol }: Pick<Try, "ip" | "port" | "protocol">): string =>
  protocol === "ip" ? ip : `${ip} ${port}`;

/** Empties the error queue: each ICMP error ends the flight to its destination. */
export const takeRefusals = (fd: number, waiting: Waiting, protocol: "udp" | "ip"): void => {
  for (let e = receiveError(fd); e; e = receiveError(fd)) {
    const flight = e.to && e.origin === "icmp" && waiting.byPlace.get(placeOf({ ...e.to, protocol }));
    if (!flight) continue;
    const by = e.offender ? { by: e.offender.ip } : {};
    flight.land({ outcome: "refused", icmp: { type: e.type, code: e.code }, ...by });
  }
};

/** An answer of this run lands its flight. */
export const takeAnswer = (g: Ground, waiting: Waiting, bytes: Uint8Array): void => {
  const probe = readProbe(g.key, bytes);
  const flight = probe?.kind === "answer" ? waiting.byId.get(probe.id) : undefined;
  flight?.land({ outcome: "answered", micros: microsSince(flight.startedAt) });
};

/** Sends it now and, when it goes unanswered, once more. */
export const sendTwice = (g: Ground, flight: Flight, fd: number, waiting: Waiting, timeoutMs: number): void => {
  const { ip, port, id, protocol } = flight.try;
  waiting.byId.set(id, flight);
  waiting.byPlace.set(placeOf(flight.try), flight);
  const to = writeSockaddr({ ip, port: protocol === "ip" ? 0 : port });
  const send = (): void => {
    const bytes = writeProbe(g.key, { kind: "request", id, size: 0 });
    let r = sendBytes(fd, bytes, to);
    if (r < 0) {
      // What is pending on the socket may be about another destination: only what comes again is about this one.
      takeRefusals(fd, waiting, protocol === "ip" ? "ip" : "udp");
      if (flight.done) return;
      r = sendBytes(fd, bytes, to);
    }
    if (r < 0 && !worthRetry.has(r)) flight.land({ outcome: "cannot", errno: errnoName(-r) });
  };
  send();
  g.loop.after(timeoutMs * retryAt, flight, send);
};

/** Starts flights of UDP; gives what closes their sockets. */
export const startUdp = (g: Ground, flights: readonly Flight[], timeoutMs: number): (() => void) => {
  const sockets = new Map<Family, { fd: number; waiting: Waiting }>();
  const socketOf = (f: Family): { fd: number; waiting: Waiting } => {
    const there = sockets.get(f);
    if (there) return there;
    const fd = g.ns.enter(() => openInetSocket("udp", f));
    const made = { fd, waiting: newWaiting() };
    sockets.set(f, made);
    if (fd < 0) return made;
    setKeepErrors(fd, f);
    g.loop.watch(fd, EPOLL.in, (events) => {
      if (events & EPOLL.err) takeRefusals(fd, made.waiting, "udp");
      for (let i = 0; i < TURNS; i++) {
        const { n } = receiveFrom(fd, buffer);
        if (n < 0) return;
        takeAnswer(g, made.waiting, buffer.subarray(0, n));
      }
    });
    return made;
  };
  for (const flight of flights) {
    const { fd, waiting } = socketOf(family(flight.try.ip));
    if (fd < 0) flight.land({ outcome: "cannot", errno: errnoName(-fd) });
    else sendTwice(g, flight, fd, waiting, timeoutMs);
  }
  return () => {
    for (const { fd } of sockets.values()) if (fd >= 0) g.loop.close(fd);
  };
};
