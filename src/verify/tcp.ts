/** TCP probes: connect, send the token, get it echoed. A SYN that is lost the kernel repeats after a second. */
import { family, type Ip } from "../base/ip.ts";
import { EPOLL } from "../kernel/os/epoll.ts";
import { errnoName } from "../kernel/os/errno.ts";
import {
  acceptSocket,
  closeSocket,
  connectSocket,
  openInetSocket,
  receiveBytes,
  receiveError,
  sendBytes,
  setKeepErrors,
  setResetOnClose,
} from "../kernel/os/inet-socket.ts";
import { errorWords } from "./error-words.ts";
import type { Flight } from "./flight.ts";
import { readToken, tokenSize, writeToken } from "./token.ts";
import { arrive, doorOf, flightOf, setDeadline, type Traffic } from "./traffic.ts";

const EAGAIN = -11;
const EINPROGRESS = -115;
/** Connections taken from one listener before others have their turn. */
const ACCEPTS = 64;
const buffer = new Uint8Array(256);

/** Starts flights of one source and one address family; its namespace is entered once. */
export const startTcp = (t: Traffic, flights: readonly Flight[]): void => {
  for (const [i, fd] of openSockets(t, flights).entries()) {
    const flight = flights[i]!;
    setDeadline(t, flight);
    dial(t, flight, fd);
  }
};

const openSockets = (t: Traffic, flights: readonly Flight[]): number[] =>
  t.grounds[flights[0]!.probe.from]!.netns.enter(() => flights.map((f) => openInetSocket("tcp", family(f.probe.toIp))));

/** Connects and watches; a connection that cannot even begin ends its flight. */
const dial = (t: Traffic, flight: Flight, fd: number): void => {
  const error = fd < 0 ? errnoName(-fd) : begin(t, flight, fd);
  if (error !== undefined) t.land(flight, error);
};

/** Owns `fd` from here on. Gives what went wrong. */
const begin = (t: Traffic, flight: Flight, fd: number): string | undefined => {
  setResetOnClose(fd);
  setKeepErrors(fd, family(flight.probe.toIp));
  const r = connectSocket(fd, doorOf(t, flight.probe).tcpAddress);
  // On one machine the handshake is often through when connect returns: then the first event is the answer.
  const early = r < 0 && r !== EINPROGRESS ? errnoName(-r) : greet(t, flight, fd);
  if (early !== undefined) {
    closeSocket(fd);
    return early;
  }
  const step = (events: number): void => {
    const said = events & EPOLL.err && !flight.connected ? errorOnTheWay(fd) : undefined;
    const end = said ?? greet(t, flight, fd) ?? (flight.connected ? listenFor(t, flight, fd) : undefined);
    if (end !== undefined) t.land(flight, end === "answered" ? undefined : end);
  };
  const watched = t.loop.watch(fd, (flight.connected ? EPOLL.in : EPOLL.in | EPOLL.out) | EPOLL.edge, step);
  if (watched < 0) return errnoName(-watched);
  flight.release = () => t.loop.close(fd);
  return undefined;
};

/** An ICMP error about the SYN, which the kernel by itself heeds only when it repeats the SYN. */
const errorOnTheWay = (fd: number): string | undefined => {
  const e = receiveError(fd);
  return e && errorWords(e);
};

/** Sends the token once the handshake is through. Gives what went wrong. */
const greet = (t: Traffic, flight: Flight, fd: number): string | undefined => {
  if (flight.connected) return undefined;
  const n = sendBytes(fd, writeToken({ kind: "request", nonce: t.nonce, probe: flight.probe.id }));
  if (n === EAGAIN) return undefined;
  if (n < 0) return errnoName(-n);
  flight.connected = true;
  return undefined;
};

/** Gives how it ended, or undefined when there is more to wait for. */
const listenFor = (t: Traffic, flight: Flight, fd: number): string | undefined => {
  const n = receiveBytes(fd, buffer);
  if (n === EAGAIN) return undefined;
  if (n < 0) return `${errnoName(-n)}: connected, then cut off`;
  const token = readToken(buffer.subarray(0, n));
  if (flightOf(t, token) === flight && token?.kind === "answer") return "answered";
  return n === 0 ? "connected, then closed without an answer" : "connected, then answered by a stranger";
};

/** Serves a listener of an endpoint. */
export const serveTcp = (t: Traffic, endpoint: number, listener: number): void => {
  t.loop.watch(listener, EPOLL.in, () => {
    for (let i = 0; i < ACCEPTS; i++) {
      const { n: fd, from } = acceptSocket(listener);
      if (fd < 0) return;
      // Accepting is deferred until there is something to read, so that this usually ends it.
      if (answer(t, endpoint, fd, from?.ip)) closeSocket(fd);
      else
        t.loop.watch(fd, EPOLL.in, () => {
          if (answer(t, endpoint, fd, from?.ip)) t.loop.close(fd);
        });
    }
  });
};

/** True when the connection is over. */
const answer = (t: Traffic, endpoint: number, fd: number, from: Ip | undefined): boolean => {
  const n = receiveBytes(fd, buffer);
  if (n === EAGAIN) return false;
  const flight = n < tokenSize ? undefined : flightOf(t, readToken(buffer.subarray(0, n)));
  if (!flight) return true;
  arrive(t, flight, endpoint, from);
  sendBytes(fd, writeToken({ kind: "answer", nonce: t.nonce, probe: flight.probe.id }));
  return true;
};
