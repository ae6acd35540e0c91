/** Trying TCP: connect, and let the other side prove that it is a node of this run. A lost SYN the kernel repeats after a second. */
import { family } from "../../../base/ip.ts";
import { writeSockaddr } from "../../../kernel/codec/sockaddr.ts";
import { EPOLL } from "../../../kernel/os/epoll.ts";
import { errnoName } from "../../../kernel/os/errno.ts";
import {
  closeSocket,
  connectSocket,
  openInetSocket,
  receiveBytes,
  receiveError,
  roundTrip,
  sendBytes,
  setKeepErrors,
  setResetOnClose,
} from "../../../kernel/os/inet-socket.ts";
import type { Flight, Ground } from "./ground.ts";
import { readProbe, writeProbe } from "./probe.ts";
import type { Tried, Try } from "./tried.ts";

const EAGAIN = -11;
const EINPROGRESS = -115;
const resets: readonly string[] = ["ECONNREFUSED", "ECONNRESET", "EPIPE"];
const buffer = new Uint8Array(256);

type End = Omit<Tried, "id">;

const ended = (r: number): End => {
  const errno = errnoName(-r);
  return resets.includes(errno) ? { outcome: "reset" } : { outcome: "cannot", errno };
};

const refusal = (fd: number): End | undefined => {
  const e = receiveError(fd);
  if (e?.origin !== "icmp") return undefined;
  return { outcome: "refused", icmp: { type: e.type, code: e.code }, ...(e.offender ? { by: e.offender.ip } : {}) };
};

export const startTcp = (g: Ground, flight: Flight): void => {
  const { ip } = flight.try;
  const fd = g.ns.enter(() => openInetSocket("tcp", family(ip)));
  const r = fd < 0 ? fd : dial(fd, flight.try);
  if (r < 0 && r !== EINPROGRESS) {
    if (fd >= 0) closeSocket(fd);
    flight.land(ended(r));
    return;
  }
  const step = conversation(g, fd, flight.try);
  const watched = g.loop.watch(fd, EPOLL.in | EPOLL.out | EPOLL.edge, (events) => {
    const end = step(events);
    if (end) flight.land(end);
  });
  if (watched < 0) flight.land(ended(watched));
  else flight.release = () => g.loop.close(fd);
};

const dial = (fd: number, { ip, port }: Try): number => {
  setResetOnClose(fd);
  setKeepErrors(fd, family(ip));
  return connectSocket(fd, writeSockaddr({ ip, port }));
};

/** Called with each event, gives how it ended; undefined when there is more to wait for. */
const conversation = (g: Ground, fd: number, { id, proof }: Try): ((events: number) => End | undefined) => {
  let connected = false;
  let micros: number | undefined;
  const measured = (end: End): End => ({ ...end, ...(micros === undefined ? {} : { micros }) });
  return (events) => {
    if (!connected) {
      const said = events & EPOLL.err ? refusal(fd) : undefined;
      if (said) return said;
      // Nothing is said to a program that has the port: no bytes are sent, and an error is told all the same.
      const n = sendBytes(fd, proof ? writeProbe(g.key, { kind: "request", id, size: 0 }) : new Uint8Array());
      if (n === EAGAIN) return undefined;
      if (n < 0) return ended(n);
      connected = true;
      micros = roundTrip(fd);
      if (!proof) return measured({ outcome: "connected" });
    }
    const n = receiveBytes(fd, buffer);
    if (n === EAGAIN) return undefined;
    if (n < 0) return measured(ended(n));
    const probe = readProbe(g.key, buffer.subarray(0, n));
    return measured({ outcome: probe?.kind === "answer" && probe.id === id ? "answered" : "stranger" });
  };
};
