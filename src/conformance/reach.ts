/** Who reaches whom: one connection or datagram between two namespaces, by sockets opened inside them. */
import { family, parseIp } from "../base/ip.ts";
import { writeSockaddr } from "../kernel/codec/sockaddr.ts";
import { EPOLL, openEpoll } from "../kernel/os/epoll.ts";
import { errnoName } from "../kernel/os/errno.ts";
import {
  acceptSocket,
  bindSocket,
  closeSocket,
  connectSocket,
  listenSocket,
  openInetSocket,
  receiveBytes,
  receiveFrom,
  sendBytes,
  setResetOnClose,
} from "../kernel/os/inet-socket.ts";
import { must } from "../kernel/os/syscall.ts";
import type { Reach } from "./schema.ts";
import type { Stage } from "./stage.ts";

const DEFAULT_PORT = 8080;
/** A lost SYN is repeated after a second. */
const PATIENCE_MS = 3500;
/** That nothing arrives can only be waited for: the first packet of a connection, and an answer to ARP. */
const SILENCE_MS = 600;

const greeting = new TextEncoder().encode("podwire");
const room = new Uint8Array(64);

interface Sockets {
  readonly server: number;
  readonly client: number;
  /** Where the client goes. */
  readonly to: Uint8Array;
}

const anyIp = { 4: "0.0.0.0", 6: "::" } as const;

const openSockets = (stage: Stage, r: Reach): Sockets => {
  const proto = r.proto ?? "tcp";
  const to = parseIp(r.to, "reach");
  const of = family(to);
  const port = r.port ?? DEFAULT_PORT;
  const server = stage.enter(r.at, () => {
    const fd = must(openInetSocket(proto, of), "open socket");
    must(bindSocket(fd, writeSockaddr({ ip: parseIp(anyIp[of]), port: r.listen ?? port })), `bind port ${port}`);
    if (proto === "tcp") must(listenSocket(fd, 8), "listen");
    return fd;
  });
  const client = stage.enter(r.from, () => must(openInetSocket(proto, of), "open socket"));
  return { server, client, to: writeSockaddr({ ip: to, port }) };
};

/** Waits until a descriptor is ready; false when it is not in time. */
const ready = (fd: number, events: number, ms: number): boolean => {
  using epoll = openEpoll();
  epoll.add(fd, events, 0);
  return epoll.wait(ms, () => {}) > 0;
};

/** Gives the address that the server saw, or why it saw none. */
const travel = (proto: "tcp" | "udp", { server, client, to }: Sockets, ms: number): { seen?: string; why?: string } => {
  const started = connectSocket(client, to);
  if (started < 0 && errnoName(-started) !== "EINPROGRESS") return { why: errnoName(-started) };
  if (proto === "udp") sendBytes(client, greeting);
  else if (!ready(client, EPOLL.out, ms)) return { why: `no answer in ${ms} ms` };
  if (proto === "tcp") {
    const sent = sendBytes(client, greeting);
    if (sent < 0) return { why: errnoName(-sent) };
  }
  // An ICMP error wakes the client; a datagram on its way wakes the server.
  if (!ready(server, EPOLL.in, ms))
    return { why: proto === "udp" ? `no datagram in ${ms} ms` : "connected to another server" };
  return proto === "udp" ? answered(server, client, ms) : accepted(server);
};

const accepted = (server: number): { seen?: string; why?: string } => {
  const { n, from } = acceptSocket(server);
  if (n < 0) return { why: errnoName(-n) };
  setResetOnClose(n);
  closeSocket(n);
  return { seen: from?.ip ?? "" };
};

/** The client is connected: an answer from another address than it asked does not reach it. */
const answered = (server: number, client: number, ms: number): { seen?: string; why?: string } => {
  const { from, sockaddr } = receiveFrom(server, room);
  sendBytes(server, greeting, sockaddr);
  if (!ready(client, EPOLL.in, ms) || receiveBytes(client, room) < 0) return { why: "the answer did not come back" };
  return { seen: from?.ip ?? "" };
};

/** What was seen, when it is not what was wanted. */
export const reachTrouble = (stage: Stage, r: Reach): { expected: string; seen: string } | undefined => {
  const proto = r.proto ?? "tcp";
  const what = `${r.from} → ${r.to}:${r.port ?? DEFAULT_PORT} (${proto}), server in ${r.at}`;
  const sockets = openSockets(stage, r);
  try {
    const { seen, why } = travel(proto, sockets, r.fails ? SILENCE_MS : PATIENCE_MS);
    if (r.fails)
      return seen === undefined ? undefined : { expected: `${what}: not reached`, seen: `reached, from ${seen}` };
    if (seen === undefined) return { expected: `${what}: reached`, seen: why ?? "" };
    if (r.seen === undefined || parseIp(r.seen, "reach") === seen) return undefined;
    return { expected: `${what}: seen as ${r.seen}`, seen: `seen as ${seen}` };
  } finally {
    setResetOnClose(sockets.client);
    closeSocket(sockets.client);
    closeSocket(sockets.server);
  }
};

/** By hand it takes two lines and netcat. */
export const reachLines = (stage: Stage, r: Reach): string[] => {
  const flags = [r.proto === "udp" ? "-u " : "", r.to.includes(":") ? "-6 " : ""].join("");
  const port = r.port ?? DEFAULT_PORT;
  return [
    `ip netns exec ${stage.nameOf(r.at)} nc -v ${flags}-l -p ${r.listen ?? port} &`,
    `echo podwire | ip netns exec ${stage.nameOf(r.from)} nc ${flags}-w 3 ${r.to} ${port}`,
  ];
};
