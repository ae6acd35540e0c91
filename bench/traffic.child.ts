/**
 * Traffic between two namespaces: `SERVER CLIENT IP [DIALLED PORT]`. The server listens at IP, the client dials the same
 * or another address. One process holds both ends, so that nothing but the wire is measured: blocking sockets, a byte
 * there and back, then 256 MiB one way, then connections, one after the other.
 */
import { closeSync, openSync } from "node:fs";
import { inNetns } from "../src/kernel/os/netns.ts";
import { must, sys } from "../src/kernel/os/syscall.ts";

const [server = "", client = "", ip = "", dialled = ip, dialledPort] = process.argv.slice(2);
const AF_INET = 2;
const SOCK_STREAM = 1;
const PORT = 5001;

const address = (text: string, port = PORT): Uint8Array => {
  const b = new Uint8Array(16);
  const v = new DataView(b.buffer);
  v.setUint16(0, AF_INET, true);
  v.setUint16(2, port);
  b.set(text.split(".").map(Number), 4);
  return b;
};
const int = (n: number): Uint8Array => new Uint8Array(new Int32Array([n]).buffer);
const inside = <T>(path: string, act: () => T): T => {
  const fd = openSync(path, "r");
  try {
    return inNetns(fd, act);
  } finally {
    closeSync(fd);
  }
};
const socket = (): number => {
  const fd = must(sys("socket", AF_INET, SOCK_STREAM, 0), "socket");
  must(sys("setsockopt", fd, 6, 1, int(1), 4), "TCP_NODELAY");
  return fd;
};

const listening = inside(server, socket);
// The connections of the run before may still be waiting there to be forgotten.
must(sys("setsockopt", listening, 1, 2, int(1), 4), "SO_REUSEADDR");
must(sys("bind", listening, address(ip), 16), "bind");
must(sys("listen", listening, 16), "listen");
const target = address(dialled, dialledPort === undefined ? PORT : Number(dialledPort));
const meet = (): readonly [near: number, far: number] => {
  const near = socket();
  must(sys("connect", near, target, 16), "connect");
  return [near, must(sys("accept4", listening, null, null, 0), "accept")];
};
const [near, far] = inside(client, meet);

const byte = new Uint8Array(1);
const roundTrip = (): void => {
  for (const [from, to] of [
    [near, far],
    [far, near],
  ] as const) {
    must(sys("sendto", from, byte, 1, 0, null, 0), "send");
    must(sys("recvfrom", to, byte, 1, 0, null, null), "receive");
  }
};
const TRIPS = 5000;
for (let i = 0; i < 1000; i++) roundTrip();
const start = Bun.nanoseconds();
for (let i = 0; i < TRIPS; i++) roundTrip();
const micros = (Bun.nanoseconds() - start) / 1000 / TRIPS;

const chunk = new Uint8Array(64 * 1024);
const BYTES = 256 * 1024 * 1024;
const begin = Bun.nanoseconds();
for (let sent = 0; sent < BYTES; ) {
  const n = must(sys("sendto", near, chunk, chunk.length, 0, null, 0), "send");
  for (let got = 0; got < n; ) got += must(sys("recvfrom", far, chunk, n - got, 0, null, null), "receive");
  sent += n;
}
const gigabits = (BYTES * 8) / (Bun.nanoseconds() - begin);

const CONNECTIONS = 2000;
const connecting = inside(client, () => {
  const first = Bun.nanoseconds();
  for (let i = 0; i < CONNECTIONS; i++) for (const fd of meet()) sys("close", fd);
  return Bun.nanoseconds() - first;
});
const connections = (CONNECTIONS * 1e9) / connecting;
process.stdout.write(JSON.stringify({ micros, gigabits, connections }));
