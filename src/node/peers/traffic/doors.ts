/**
 * Doors: where a node waits for what others try. One that a program has is left to it. They are open only at the
 * addresses that are tried, and close when the process ends, however it ends.
 */
import { family, type Ip } from "../../../base/ip.ts";
import { writeSockaddr } from "../../../kernel/codec/sockaddr.ts";
import { EPOLL } from "../../../kernel/os/epoll.ts";
import { errnoName } from "../../../kernel/os/errno.ts";
import {
  acceptSocket,
  bindSocket,
  closeSocket,
  listenSocket,
  openInetSocket,
  receiveBytes,
  receiveFrom,
  sendBytes,
  setResetOnClose,
  setReuseAddress,
  setV6Only,
} from "../../../kernel/os/inet-socket.ts";
import { findSocketOwner } from "../../../kernel/os/socket-owner.ts";
import { type Listener, listListeners } from "../../../net/listeners.ts";
import type { Ground } from "./ground.ts";
import { probeSize, readProbe, writeProbe } from "./probe.ts";
import type { Door, DoorState } from "./tried.ts";

const BACKLOG = 256;
/** Taken from one socket before others have their turn. */
const TURNS = 64;
/** Strangers who connect and say nothing are sent away after so many milliseconds, and beyond so many at once. */
const strangerMs = 2000;
const strangers = 256;
const EAGAIN = -11;
const EADDRINUSE = -98;
const buffer = new Uint8Array(65536);

const open = (g: Ground, { protocol, ip, port }: Door & { protocol: "tcp" | "udp" }): number =>
  g.ns.enter(() => {
    const fd = openInetSocket(protocol, family(ip));
    if (fd < 0) return fd;
    if (family(ip) === 6) setV6Only(fd);
    if (protocol === "tcp") setReuseAddress(fd);
    const bound = bindSocket(fd, writeSockaddr({ ip, port }));
    const r = bound < 0 || protocol === "udp" ? bound : listenSocket(fd, BACKLOG);
    if (r >= 0) return fd;
    closeSocket(fd);
    return r;
  });

const any = (ip: Ip): boolean => ip === "0.0.0.0" || ip === "::";

const holder = (listeners: readonly Listener[], { protocol, ip, port }: Door): string | undefined => {
  const there = listeners.find(
    (l) => l.protocol === protocol && l.port === port && (any(l.address) || l.address === ip),
  );
  return there && (there.inode === 0 ? "the kernel" : findSocketOwner(there.inode)?.name);
};

/** Sockets that a datagram's sender is answered on; the answer goes back the way it came. */
const serveUdp = (g: Ground, fd: number): void => {
  g.loop.watch(fd, EPOLL.in, () => {
    for (let i = 0; i < TURNS; i++) {
      const { n, sockaddr } = receiveFrom(fd, buffer);
      if (n < 0) return;
      const probe = readProbe(g.key, buffer.subarray(0, n));
      if (probe?.kind !== "request") continue;
      g.arrived.add(probe.id);
      sendBytes(fd, writeProbe(g.key, { ...probe, kind: "answer" }), sockaddr);
    }
  });
};

const serveTcp = (g: Ground, listener: number): void => {
  let waiting = 0;
  const serve = (fd: number): void => {
    // The one who called ends it: then its port, and not ours, is the one that has to wait.
    setResetOnClose(fd);
    const guest = { done: false };
    const leave = (): void => {
      if (guest.done) return;
      guest.done = true;
      waiting--;
      g.loop.close(fd);
    };
    let answered = false;
    const read = (): void => {
      const n = receiveBytes(fd, buffer);
      if (n === EAGAIN) return;
      const probe = n < probeSize || answered ? undefined : readProbe(g.key, buffer.subarray(0, n));
      if (probe?.kind !== "request") {
        leave();
        return;
      }
      answered = true;
      g.arrived.add(probe.id);
      sendBytes(fd, writeProbe(g.key, { ...probe, kind: "answer" }));
    };
    if (g.loop.watch(fd, EPOLL.in, read) < 0) return;
    waiting++;
    g.loop.after(strangerMs, guest, leave);
  };
  g.loop.watch(listener, EPOLL.in, () => {
    for (let i = 0; i < TURNS; i++) {
      const { n: fd } = acceptSocket(listener);
      if (fd < 0) return;
      if (waiting < strangers) serve(fd);
      else closeSocket(fd);
    }
  });
};

/** Doors of TCP and UDP; those of IP protocols are in raw.ts. */
export const openDoors = (g: Ground, doors: readonly Door[]): DoorState[] => {
  const listeners = new Map<string, Listener[]>();
  const of = (protocol: "tcp" | "udp"): Listener[] => {
    const there = listeners.get(protocol) ?? listListeners(g.ns, protocol);
    listeners.set(protocol, there);
    return there;
  };
  return doors.map((door): DoorState => {
    const { id, protocol } = door;
    if (protocol === "ip") return { id, state: "cannot" };
    const fd = open(g, { ...door, protocol });
    if (fd >= 0) {
      if (protocol === "tcp") serveTcp(g, fd);
      else serveUdp(g, fd);
      return { id, state: "open" };
    }
    if (fd !== EADDRINUSE) return { id, state: "cannot", by: errnoName(-fd) };
    const by = holder(of(protocol), door);
    return { id, state: "taken", ...(by === undefined ? {} : { by }) };
  });
};
