/**
 * Raw sockets (CAP_NET_RAW): IP protocols are tried and answered on them; and they hear what comes to a UDP port that a
 * program has, behind the firewall and before that program.
 */
import { type Family, family } from "../../../base/ip.ts";
import { EPOLL } from "../../../kernel/os/epoll.ts";
import { errnoName } from "../../../kernel/os/errno.ts";
import { openRawSocket, receiveFrom, sendBytes, setKeepErrors } from "../../../kernel/os/inet-socket.ts";
import type { Flight, Ground } from "./ground.ts";
import { readProbe, writeProbe } from "./probe.ts";
import { newWaiting, sendTwice, takeAnswer, takeRefusals } from "./try-datagram.ts";

const TURNS = 64;
const UDP = 17;
const UDP_HEADER = 8;
const buffer = new Uint8Array(65536);

/** A raw socket of IPv4 gives the IP header, too. */
const payloadOf = (f: Family, n: number): Uint8Array =>
  buffer.subarray(Math.min(n, f === 4 ? ((buffer[0] ?? 0) & 0xf) * 4 : 0), n);

export interface Raw {
  /** Waits for requests of an IP protocol. Gives 0 or minus errno. */
  open(protocol: number, f: Family): number;
  /** Hears, without answering, what arrives for UDP of any port. Gives 0 or minus errno. */
  overhear(f: Family): number;
  start(flight: Flight, timeoutMs: number): void;
}

export const openRaw = (g: Ground): Raw => {
  const waiting = newWaiting();
  const sockets = new Map<string, number>();
  const socketOf = (
    protocol: number,
    f: Family,
    take: (fd: number, bytes: Uint8Array, from: Uint8Array) => void,
  ): number => {
    const key = `${protocol}/${f}`;
    const there = sockets.get(key);
    if (there !== undefined) return there;
    const fd = g.ns.enter(() => openRawSocket(protocol, f));
    sockets.set(key, fd);
    if (fd < 0) return fd;
    setKeepErrors(fd, f);
    g.loop.watch(fd, EPOLL.in, (events) => {
      if (events & EPOLL.err) takeRefusals(fd, waiting, "ip");
      for (let i = 0; i < TURNS; i++) {
        const { n, sockaddr } = receiveFrom(fd, buffer);
        if (n < 0) return;
        if (sockaddr) take(fd, payloadOf(f, n), sockaddr);
      }
    });
    return fd;
  };
  const both = (protocol: number, f: Family): number =>
    socketOf(protocol, f, (fd, bytes, from) => {
      const probe = readProbe(g.key, bytes);
      if (probe?.kind === "answer") takeAnswer(g, waiting, bytes);
      if (probe?.kind !== "request") return;
      g.arrived.add(probe.id);
      sendBytes(fd, writeProbe(g.key, { ...probe, kind: "answer" }), from.slice());
    });
  return {
    open: (protocol, f) => Math.min(0, both(protocol, f)),
    overhear: (f) =>
      Math.min(
        0,
        socketOf(UDP, f, (_, bytes) => {
          const probe = readProbe(g.key, bytes.subarray(UDP_HEADER));
          if (probe?.kind === "request") g.arrived.add(probe.id);
        }),
      ),
    start: (flight, timeoutMs) => {
      const fd = both(flight.try.port, family(flight.try.ip));
      if (fd < 0) flight.land({ outcome: "cannot", errno: errnoName(-fd) });
      else sendTwice(g, flight, fd, waiting, timeoutMs);
    },
  };
};
