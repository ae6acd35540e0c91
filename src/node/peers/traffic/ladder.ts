/**
 * The largest packet that arrives: UDP that may not be fragmented (IP_MTU_DISCOVER PROBE). Where what the link takes
 * does not arrive, all rungs of a ladder at once, then finer ones between the largest that arrived and the next. The answer is always small, so only the way there is measured.
 */
import { type Family, family, type Ip } from "../../../base/ip.ts";
import { writeSockaddr } from "../../../kernel/codec/sockaddr.ts";
import { EPOLL } from "../../../kernel/os/epoll.ts";
import {
  openInetSocket,
  receiveError,
  receiveFrom,
  sendBytes,
  setKeepErrors,
  setNoFragments,
} from "../../../kernel/os/inet-socket.ts";
import { listLinks } from "../../../net/links.ts";
import { linkTo } from "../../../net/routes.ts";
import type { Ground } from "./ground.ts";
import { probeSize, readProbe, writeProbe } from "./probe.ts";
import type { Path, PathFound } from "./tried.ts";

const headers = { 4: 28, 6: 48 } as const satisfies Record<Family, number>;
const least = { 4: 68, 6: 1280 } as const satisfies Record<Family, number>;
/** What IP can carry in one packet; a loopback's MTU is more. */
const mostUdp = 65535;
/** MTUs that are met: jumbo frames, Ethernet, PPPoE, tunnels and clouds of all kinds, the least of IPv6 and IPv4. */
const usual = [
  9216, 9000, 8951, 8950, 8900, 4470, 3000, 2000, 1600, 1500, 1492, 1480, 1476, 1472, 1468, 1462, 1460, 1454, 1450,
  1440, 1436, 1430, 1420, 1412, 1400, 1390, 1380, 1360, 1350, 1340, 1320, 1300, 1280, 1200, 1006, 576,
];
/** Finer rungs of one round. */
const rungs = 24;

/** Milliseconds from the beginning of a round. */
interface Pace {
  readonly sendAt: readonly number[];
  readonly endAt: number;
}
const whole: Pace = { sendAt: [0, 250, 600], endAt: 1000 };
const finer: Pace = { sendAt: [0, 180], endAt: 400 };
const TURNS = 64;
const buffer = new Uint8Array(256);

/** Sizes to try next, between what arrived and what did not; none when it is known. Pure. */
export const nextRungs = (low: number, high: number, hint?: number): number[] => {
  if (high - low <= 1) return [];
  const step = Math.max(1, (high - low) / (rungs + 1));
  const out = new Set<number>();
  for (let size = low + step; size < high; size += step) out.add(Math.round(size));
  if (hint !== undefined) for (const size of [hint, hint + 1]) out.add(size);
  return [...out].filter((size) => size > low && size < high).sort((a, b) => b - a);
};

export const firstRungs = (link: number, f: Family): number[] =>
  [...new Set([link, ...usual, least[f]])].filter((size) => size <= link && size >= least[f]).sort((a, b) => b - a);

interface Climb {
  readonly path: Path;
  readonly f: Family;
  readonly link: number;
  readonly linkName: string;
  largest: number;
  /** Smallest that did not arrive so far; one more than the link takes at first. */
  high: number;
  said?: { mtu: number; by?: Ip };
}

const climbsOf = (g: Ground, paths: readonly Path[]): Map<number, Climb> => {
  const links = new Map(listLinks(g.ns).map((link) => [link.index, link]));
  const climbs = new Map<number, Climb>();
  for (const path of paths) {
    const link = links.get(linkTo(g.ns, path.ip) ?? 0);
    if (!link) continue;
    const mtu = Math.min(link.mtu, mostUdp);
    climbs.set(path.id, { path, f: family(path.ip), link: mtu, linkName: link.name, largest: 0, high: mtu + 1 });
  }
  return climbs;
};

/** Calls back once with what was found of each path. */
export const climb = (g: Ground, paths: readonly Path[], found: (all: PathFound[]) => void): void => {
  const climbs = climbsOf(g, paths);
  const owner = { done: false };
  const sockets = new Map<Family, number>();
  const finish = (): void => {
    if (owner.done) return;
    owner.done = true;
    for (const fd of sockets.values()) g.loop.close(fd);
    found(paths.map((path) => foundOf(path, climbs.get(path.id))));
  };
  for (const f of new Set([...climbs.values()].map((c) => c.f))) {
    const fd = openSocket(g, f, climbs, finish);
    if (fd !== undefined) sockets.set(f, fd);
  }
  const round = (sizesOf: (c: Climb) => number[], { sendAt, endAt }: Pace, then: (c: Climb) => number[]): void => {
    const sent = [...climbs.values()].map((c) => ({ c, sizes: sizesOf(c) })).filter(({ sizes }) => sizes.length > 0);
    if (sent.length === 0) {
      finish();
      return;
    }
    // What was lost by chance is sent once more, without what is known by then.
    const sendAll = (): void => {
      for (const { c, sizes } of sent)
        for (const size of sizes) if (size > c.largest && size < c.high) send(g, sockets.get(c.f), c, size);
    };
    for (const at of sendAt) g.loop.after(at, owner, sendAll);
    g.loop.after(endAt, owner, () => {
      for (const { c, sizes } of sent) c.high = Math.min(c.high, ...sizes.filter((size) => size > c.largest));
      round(then, finer, closer);
    });
  };
  const closer = (c: Climb): number[] => (c.largest === 0 ? [] : nextRungs(c.largest, c.high, c.said?.mtu));
  const ladder = (c: Climb): number[] => (c.largest < c.link ? firstRungs(c.link - 1, c.f) : []);
  // Nearly all paths take what their links take: that alone is tried first, and with patience.
  round((c) => [c.link], whole, ladder);
};

const openSocket = (g: Ground, f: Family, climbs: Map<number, Climb>, finish: () => void): number | undefined => {
  const fd = g.ns.enter(() => openInetSocket("udp", f));
  if (fd < 0) return undefined;
  setKeepErrors(fd, f);
  setNoFragments(fd, f);
  const watched = g.loop.watch(fd, EPOLL.in, (events) => {
    if (events & EPOLL.err) takeErrors(fd, climbs);
    for (let i = 0; i < TURNS; i++) {
      const { n } = receiveFrom(fd, buffer);
      if (n < 0) return;
      takeAnswer(g, climbs, buffer.subarray(0, n));
      // Most paths take what their links take: then there is nothing to wait for.
      if ([...climbs.values()].every((c) => c.largest === c.link)) {
        finish();
        return;
      }
    }
  });
  return watched < 0 ? undefined : fd;
};

const foundOf = ({ id }: Path, c: Climb | undefined): PathFound => {
  if (!c) return { id };
  const { link, linkName, largest, said } = c;
  const known = largest > 0 && largest < link && said !== undefined;
  return { id, link, linkName, ...(largest > 0 ? { largest } : {}), ...(known ? { said } : {}) };
};

const send = (g: Ground, fd: number | undefined, c: Climb, size: number): void => {
  if (fd === undefined) return;
  const { id, ip, port } = c.path;
  const bytes = writeProbe(g.key, { kind: "request", id, size }, Math.max(probeSize, size - headers[c.f]));
  // An error that was pending on the socket is about another packet.
  if (sendBytes(fd, bytes, writeSockaddr({ ip, port })) < 0) sendBytes(fd, bytes, writeSockaddr({ ip, port }));
};

const takeAnswer = (g: Ground, climbs: ReadonlyMap<number, Climb>, bytes: Uint8Array): void => {
  const probe = readProbe(g.key, bytes);
  const c = probe?.kind === "answer" ? climbs.get(probe.id) : undefined;
  if (c && probe) c.largest = Math.max(c.largest, Math.min(probe.size, c.link));
};

const EMSGSIZE = 90;

const takeErrors = (fd: number, climbs: ReadonlyMap<number, Climb>): void => {
  for (let e = receiveError(fd); e; e = receiveError(fd)) {
    if (e.errno !== EMSGSIZE || e.origin !== "icmp" || !e.to) continue;
    for (const c of climbs.values())
      if (c.path.ip === e.to.ip) c.said = { mtu: e.mtu, ...(e.offender ? { by: e.offender.ip } : {}) };
  }
};
