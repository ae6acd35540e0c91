/**
 * What a limited path gives: `RECEIVER SENDER IP SECONDS`. Four connections send to IP as fast as they can; meanwhile a
 * datagram goes there and back, again and again. Prints megabits a second, headers of the frames included, and the
 * milliseconds of a round trip, the median and the slowest twentieth. One process, which never sleeps, holds all ends.
 */
import { closeSync, openSync } from "node:fs";
import { inNetns } from "../src/kernel/os/netns.ts";
import { must, sys } from "../src/kernel/os/syscall.ts";

const [receiver = "", sender = "", ip = "", seconds = "4"] = process.argv.slice(2);
const PORT = 5002;
const DONTWAIT = 0x40;
const FLOWS = 4;
/** With timestamps a segment of 1500 bytes carries 1448, and its frame has 1514. */
const FRAME = 1514 / 1448;

const address = (text: string): Uint8Array => {
  const b = new Uint8Array(16);
  new DataView(b.buffer).setUint16(0, 2, true);
  new DataView(b.buffer).setUint16(2, PORT);
  b.set(text.split(".").map(Number), 4);
  return b;
};
const inside = <T>(path: string, act: () => T): T => {
  const fd = openSync(path, "r");
  try {
    return inNetns(fd, act);
  } finally {
    closeSync(fd);
  }
};
const [STREAM, DATAGRAM] = [1, 2];
const socket = (type: number): number => must(sys("socket", 2, type, 0), "socket");

const listening = inside(receiver, () => socket(STREAM));
// SO_REUSEADDR: of the run before there are connections in TIME-WAIT.
must(sys("setsockopt", listening, 1, 2, new Uint8Array([1, 0, 0, 0]), 4), "SO_REUSEADDR");
must(sys("bind", listening, address(ip), 16), "bind");
must(sys("listen", listening, 16), "listen");
const echo = inside(receiver, () => socket(DATAGRAM));
must(sys("bind", echo, address(ip), 16), "bind");
const probe = inside(sender, () => socket(DATAGRAM));
must(sys("connect", probe, address(ip), 16), "connect");
const flows = Array.from({ length: FLOWS }, () => {
  const near = inside(sender, () => socket(STREAM));
  must(sys("connect", near, address(ip), 16), "connect");
  return { near, far: must(sys("accept4", listening, null, null, 0), "accept") };
});

const chunk = new Uint8Array(64 * 1024);
const from = new Uint8Array(16);
const fromSize = new Uint8Array(new Uint32Array([16]).buffer);
const ping = new Uint8Array(8);
const trips: number[] = [];
let received = 0;
let sentAt = 0;
let number = 0;

/** A probe every 10 ms; one that is lost is given up after a second. */
const probing = (now: number): void => {
  if (sys("recvfrom", probe, ping, 8, DONTWAIT, null, null) > 0 && new DataView(ping.buffer).getUint32(0) === number) {
    trips.push((now - sentAt) / 1e6);
    number++;
  } else if (now - sentAt > 1e9) number++;
  else return;
};
const waiting = (): boolean => asked === number;
let asked = -1;

const turn = (): number => {
  const now = Bun.nanoseconds();
  for (const { near, far } of flows) {
    sys("sendto", near, chunk, chunk.length, DONTWAIT, null, 0);
    const n = sys("recvfrom", far, chunk, chunk.length, DONTWAIT, null, null);
    if (n > 0) received += n;
  }
  const n = sys("recvfrom", echo, ping, 8, DONTWAIT, from, fromSize);
  if (n > 0) sys("sendto", echo, ping, n, DONTWAIT, from, 16);
  if (waiting()) probing(now);
  else if (now - sentAt > 1e7) {
    new DataView(ping.buffer).setUint32(0, number);
    sys("sendto", probe, ping, 8, DONTWAIT, null, 0);
    asked = number;
    sentAt = now;
  }
  return now;
};

/** Until the burst is spent and the senders have found their pace. */
const begin = Bun.nanoseconds();
while (turn() - begin < 2e9);
received = 0;
trips.length = 0;
const start = Bun.nanoseconds();
let end = start;
while (end - start < Number(seconds) * 1e9) end = turn();

trips.sort((a, b) => a - b);
const at = (part: number): number => trips[Math.min(trips.length - 1, Math.floor(trips.length * part))] ?? 0;
const megabits = (received * FRAME * 8e3) / (end - start);
process.stdout.write(JSON.stringify({ megabits, median: at(0.5), slow: at(0.95), probes: trips.length }));
