/** UDP and ICMP probes: one socket of the source for all its peers, sent again twice when nothing comes back. */
import { family, type Ip } from "../base/ip.ts";
import { readEcho, writeEcho } from "../kernel/codec/icmp.ts";
import { EPOLL } from "../kernel/os/epoll.ts";
import { errnoName } from "../kernel/os/errno.ts";
import { receiveError, receiveFrom, sendBytes } from "../kernel/os/inet-socket.ts";
import { errorWords } from "./error-words.ts";
import type { Flight } from "./flight.ts";
import { readToken, type Token, tokenSize, writeToken } from "./token.ts";
import { arrive, doorOf, flightOf, retryAt, setDeadline, stationOf, type Traffic } from "./traffic.ts";

/** Datagrams taken from one socket before others have their turn. */
const RECEIVES = 64;
/** ENOBUFS, EAGAIN: the queue before an unresolved neighbour, or its table, is full for the moment. */
const worthRetry = new Set([-11, -105]);
const IP_UDP_HEADERS = { 4: 28, 6: 48 } as const;
/** What UDP over IPv4 can carry at most, as on a link with the loopback's MTU. */
const UDP_MAX = 65507;
const buffer = new Uint8Array(65536);

/** Flights of one socket that wait for an answer, by where they went: an ICMP error names no more than that. */
type Waiting = Map<Ip, Flight>;
const waitingOf = new WeakMap<Traffic, Map<number, Waiting>>();
const waiting = (t: Traffic, fd: number): Waiting => {
  const all = waitingOf.get(t) ?? new Map<number, Waiting>();
  waitingOf.set(t, all);
  const mine = all.get(fd) ?? new Map<Ip, Flight>();
  all.set(fd, mine);
  return mine;
};

/** Starts flights of one source. */
export const startDatagrams = (t: Traffic, flights: readonly Flight[]): void => {
  for (const flight of flights) {
    const { proto, toIp } = flight.probe;
    const fd = stationOf(t, flight.probe)[proto === "icmp" ? "icmp" : "udp"]!;
    waiting(t, fd).set(toIp, flight);
    setDeadline(t, flight);
    send(t, flight, fd, 0);
    for (const [i, share] of retryAt.entries())
      t.loop.after(t.timeoutMs * share, flight, () => send(t, flight, fd, i + 1));
  }
};

const request = (t: Traffic, { probe }: Flight, seq: number): Uint8Array => {
  const f = family(probe.toIp);
  const size = probe.traffic === "full-mtu" ? Math.min(t.mtuOf(probe) - IP_UDP_HEADERS[f], UDP_MAX) : tokenSize;
  const token = writeToken({ kind: "request", nonce: t.nonce, probe: probe.id }, size);
  return probe.proto === "icmp" ? writeEcho(f, { type: "request", id: probe.id & 0xffff, seq, data: token }) : token;
};

const send = (t: Traffic, flight: Flight, fd: number, seq: number): void => {
  const { probe } = flight;
  const to = probe.proto === "icmp" ? doorOf(t, probe).icmpAddress : doorOf(t, probe).udpAddress;
  const bytes = request(t, flight, seq);
  let r = sendBytes(fd, bytes, to);
  if (r < 0) {
    // What is pending on the socket may be about another destination: only what comes again is about this one.
    takeErrors(t, fd);
    if (flight.done) return;
    r = sendBytes(fd, bytes, to);
  }
  if (r < 0 && !worthRetry.has(r)) {
    takeErrors(t, fd);
    t.land(flight, errnoName(-r));
  } else if (r < 0) flight.lastErrno = errnoName(-r);
  else delete flight.lastErrno;
};

/** Empties the error queue: each error ends the flight to its destination. */
const takeErrors = (t: Traffic, fd: number): void => {
  for (let e = receiveError(fd); e; e = receiveError(fd)) {
    const flight = e.to && waiting(t, fd).get(e.to.ip);
    if (!flight || worthRetry.has(-e.errno)) continue;
    t.land(flight, errorWords(e, t.mtuOf(flight.probe)));
  }
};

const land = (t: Traffic, flight: Flight, from: Ip | undefined): void => {
  if (from && from !== flight.probe.toIp) flight.answeredFrom = from;
  t.land(flight);
};

const onDatagrams = (t: Traffic, fd: number, take: (bytes: Uint8Array, from: Ip | undefined) => void): void => {
  t.loop.watch(fd, EPOLL.in, (events) => {
    if (events & EPOLL.err) takeErrors(t, fd);
    for (let i = 0; i < RECEIVES; i++) {
      const { n, from } = receiveFrom(fd, buffer);
      if (n < 0) return;
      take(buffer.subarray(0, n), from?.ip);
    }
  });
};

/** Answers to what a station's UDP socket asked. */
export const hearUdp = (t: Traffic, fd: number): void =>
  onDatagrams(t, fd, (bytes, from) => {
    const token = readToken(bytes);
    const flight = flightOf(t, token);
    if (flight && token?.kind === "answer") land(t, flight, from);
  });

/** Serves a door: sixteen bytes come back, however many came, so that only the way there is measured. */
export const serveUdp = (t: Traffic, endpoint: number, fd: number): void => {
  t.loop.watch(fd, EPOLL.in, () => {
    for (let i = 0; i < RECEIVES; i++) {
      const { n, from, sockaddr } = receiveFrom(fd, buffer);
      if (n < 0) return;
      const token: Token | undefined = readToken(buffer.subarray(0, n));
      const flight = flightOf(t, token);
      if (!flight || token?.kind !== "request") continue;
      arrive(t, flight, endpoint, from?.ip);
      sendBytes(fd, writeToken({ ...token, kind: "answer" }), sockaddr);
    }
  });
};

/** An endpoint's raw ICMP socket: the requests that the kernel answers there, and the answers to its own. */
export const hearIcmp = (t: Traffic, endpoint: number, fd: number, f: 4 | 6): void =>
  onDatagrams(t, fd, (bytes, from) => {
    const echo = readEcho(f, bytes);
    const flight = echo && flightOf(t, readToken(echo.data));
    if (!flight) return;
    if (echo.type === "request") arrive(t, flight, endpoint, from);
    else if (flight.probe.from === endpoint || sameGround(t, flight.probe.from, endpoint)) land(t, flight, from);
  });

const sameGround = (t: Traffic, a: number, b: number): boolean => t.grounds[a]?.netns === t.grounds[b]?.netns;
