/** Sends real packets, many at once, and sees which arrive, which are refused, and which are never heard of again. */
import { family, parseIp } from "../../../base/ip.ts";
import { writeSockaddr } from "../../../kernel/codec/sockaddr.ts";
import { EPOLL, openEpoll } from "../../../kernel/os/epoll.ts";
import {
  bindSocket,
  closeSocket,
  connectSocket,
  listenSocket,
  openInetSocket,
  receiveBytes,
  receiveError,
  sendBytes,
  setKeepErrors,
  setResetOnClose,
} from "../../../kernel/os/inet-socket.ts";
import type { Kernel } from "../../../net/kernel.ts";
import type { Packet } from "../simulate/verdict.ts";
import type { Ground } from "./ground.ts";

/** What the sender or the receiver saw of it. */
export type Seen = "accepted" | "rejected" | "dropped";

/** Everyone listens on these, so that only a firewall can be why nobody answers. */
export const ports = [22, 53, 80, 443, 8080, 6443, 10250, 30080, 9100, 5000, 5001] as const;

/** Silence for so long is an answer. */
const QUIET_MS = 200;

export interface Range extends Disposable {
  shoot(packets: readonly Packet[]): Seen[];
}

const anyAddress = parseIp("::");
let nextPort = 20_000;

export const openRange = (kernel: Kernel, ground: Ground): Range => {
  const open: number[] = [];
  const udp: number[] = [];
  for (const ns of ground.all)
    kernel.open(ns.path).enter(() => {
      for (const port of ports)
        for (const kind of ["tcp", "udp"] as const) {
          const fd = openInetSocket(kind, 6);
          if (bindSocket(fd, writeSockaddr({ ip: anyAddress, port })) < 0) throw new Error(`bind ${kind} ${port}`);
          if (kind === "tcp") listenSocket(fd, 64);
          else udp.push(fd);
          open.push(fd);
        }
    });

  const launch = (p: Packet): number => {
    const from = ground.ofAddress(p.src);
    if (!from) throw new Error(`nobody has ${p.src}`);
    if (p.protocol !== "tcp" && p.protocol !== "udp") throw new Error(`cannot send ${p.protocol}`);
    const { protocol } = p;
    return kernel.open(from.path).enter(() => {
      const fd = openInetSocket(protocol, family(p.dst));
      bindSocket(fd, writeSockaddr({ ip: p.src, port: p.sport ?? nextPort++ }));
      if (protocol === "tcp") setResetOnClose(fd);
      // Also for TCP: an ICMP error that comes while connect(2) is still at work would be noted, but not told.
      setKeepErrors(fd, family(p.dst));
      connectSocket(fd, writeSockaddr({ ip: p.dst, port: p.dport ?? 0 }));
      return fd;
    });
  };

  const shoot = (packets: readonly Packet[]): Seen[] => {
    const fds = packets.map(launch);
    const seen: (Seen | undefined)[] = packets.map(() => undefined);
    const buffer = new Uint8Array(64);
    using epoll = openEpoll();
    const servers = packets.length;
    for (const [i, fd] of fds.entries()) epoll.add(fd, EPOLL.in | EPOLL.out | EPOLL.edge, i);
    for (const [i, fd] of udp.entries()) epoll.add(fd, EPOLL.in, servers + i);
    for (const [i, p] of packets.entries())
      if (p.protocol === "udp" && sendBytes(fds[i]!, Uint8Array.of(i)) < 0) seen[i] = "rejected";
    const look = (tag: number): void => {
      if (tag >= servers) {
        while (receiveBytes(udp[tag - servers]!, buffer) > 0) seen[buffer[0]!] = "accepted";
        return;
      }
      const r =
        packets[tag]!.protocol === "tcp" ? sendBytes(fds[tag]!, Uint8Array.of(0)) : receiveBytes(fds[tag]!, buffer);
      if (packets[tag]!.protocol === "tcp" && r > 0) seen[tag] = "accepted";
      // EAGAIN: it is still trying.
      else if ((r < 0 && r !== -11) || receiveError(fds[tag]!)) seen[tag] ??= "rejected";
    };
    while (seen.includes(undefined) && epoll.wait(QUIET_MS, look) > 0);
    for (const fd of fds) closeSocket(fd);
    return seen.map((s) => s ?? "dropped");
  };

  return {
    shoot,
    [Symbol.dispose]: () => {
      for (const fd of open) closeSocket(fd);
    },
  };
};
