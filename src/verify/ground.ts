/** The sockets of every endpoint, opened inside its namespace in one stretch, before anything is sent. */
import { type Family, family, type Ip, parseIp } from "../base/ip.ts";
import { writeSockaddr } from "../kernel/codec/sockaddr.ts";
import {
  bindSocket,
  closeSocket,
  listenSocket,
  localPort,
  openInetSocket,
  setDeferAccept,
  setEchoOnly,
  setKeepErrors,
  setNoFragments,
  setV6Only,
} from "../kernel/os/inet-socket.ts";
import { must } from "../kernel/os/syscall.ts";
import type { Netns } from "../net/kernel.ts";
import type { Proto } from "./types.ts";

/** Where one address of an endpoint is reached. */
export interface Door {
  readonly ip: Ip;
  /** Socket addresses to send to. */
  readonly tcpAddress: Uint8Array;
  readonly udpAddress: Uint8Array;
  readonly icmpAddress: Uint8Array;
  readonly tcp: number | undefined;
  readonly udp: number | undefined;
}

/** What an endpoint sends from, in one address family: not bound, as a program would leave it, so the kernel chooses. */
export interface Station {
  readonly udp: number | undefined;
  readonly icmp: number | undefined;
}

/** One endpoint, ready. */
export interface Ground {
  readonly netns: Netns;
  readonly doors: ReadonlyMap<Ip, Door>;
  readonly stations: ReadonlyMap<Family, Station>;
}

const BACKLOG = 4096;
const DEFER_SECONDS = 1;

/** The port that all try first: who answers in another's place is then known by name. 0 until one is found. */
export interface CommonPort {
  tcp: number;
  udp: number;
}

const openServer = (kind: "tcp" | "udp", ip: Ip, common: CommonPort): { fd: number; port: number } => {
  const f = family(ip);
  const fd = must(openInetSocket(kind, f), `open ${kind} socket`);
  if (f === 6) setV6Only(fd);
  const bind = (port: number): number => bindSocket(fd, writeSockaddr({ ip, port }));
  if (common[kind] === 0 || bind(common[kind]) < 0) {
    const r = bind(0);
    if (r < 0) closeSocket(fd);
    must(r, `bind ${ip}`);
  }
  const port = localPort(fd);
  common[kind] ||= port;
  if (kind === "tcp") {
    setDeferAccept(fd, DEFER_SECONDS);
    must(listenSocket(fd, BACKLOG), `listen on ${ip}:${port}`);
  }
  return { fd, port };
};

const openDoor = (ip: Ip, protos: ReadonlySet<Proto>, common: CommonPort): Door => {
  const tcp = protos.has("tcp") ? openServer("tcp", ip, common) : undefined;
  const udp = protos.has("udp") ? openServer("udp", ip, common) : undefined;
  return {
    ip,
    tcp: tcp?.fd,
    udp: udp?.fd,
    tcpAddress: writeSockaddr({ ip, port: tcp?.port ?? 0 }),
    udpAddress: writeSockaddr({ ip, port: udp?.port ?? 0 }),
    icmpAddress: writeSockaddr({ ip, port: 0 }),
  };
};

const anyAddress = { 4: parseIp("0.0.0.0"), 6: parseIp("::") } as const;

const openStation = (f: Family, protos: ReadonlySet<Proto>): Station => {
  const open = (kind: "udp" | "icmp"): number | undefined => {
    if (!protos.has(kind)) return undefined;
    const fd = must(openInetSocket(kind, f), `open ${kind} socket`, "CAP_NET_RAW");
    setKeepErrors(fd, f);
    return fd;
  };
  const udp = open("udp");
  if (udp !== undefined) {
    setNoFragments(udp, f);
    must(bindSocket(udp, writeSockaddr({ ip: anyAddress[f], port: 0 })), "bind udp socket");
  }
  const icmp = open("icmp");
  if (icmp !== undefined) setEchoOnly(icmp, f);
  return { udp, icmp };
};

/** @throws FaultError permission, kernel */
export const openGround = (netns: Netns, ips: readonly Ip[], protos: ReadonlySet<Proto>, common: CommonPort): Ground =>
  netns.enter(() => ({
    netns,
    doors: new Map(ips.map((ip) => [ip, openDoor(ip, protos, common)])),
    stations: new Map([...new Set(ips.map(family))].map((f) => [f, openStation(f, protos)])),
  }));
