/** F1 and D3 with real sockets in a namespace: whoever has a port is found, and a name server is asked. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { makeNetns, type TestNetns } from "../../kernel/testing/netns.ts";
import { type Kernel, openKernel } from "../../net/kernel.ts";
import { type Asked, usual } from "../asked.ts";
import { type Host, openHost } from "../host.ts";
import { textHost } from "../testing/text-host.ts";
import { portsFreeCheck } from "./ports-free.ts";
import { wildcardDnsCheck } from "./wildcard-dns.ts";

const asked: Asked = { ...usual, roles: ["control-plane", "etcd"], networks: ["vxlan"] };

let ns: TestNetns;
let kernel: Kernel;
let children: ChildProcess[];
beforeEach(() => {
  ns = makeNetns();
  ns.ip("link set lo up");
  kernel = openKernel();
  children = [];
});
afterEach(async () => {
  for (const child of children) {
    const ended = new Promise((done) => child.once("exit", done));
    child.kill("SIGKILL");
    await ended;
  }
  kernel[Symbol.dispose]();
  ns[Symbol.dispose]();
});

const host = (): Host => openHost({ ns: kernel.open(ns.path), name: "node1", kind: "lab-node" });

/** Runs inside the namespace until the test is over; resolves when it says that it is ready. */
const inside = async (script: string): Promise<number> => {
  const child = spawn("nsenter", [`--net=${ns.path}`, process.execPath, "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  await new Promise((ready) => createInterface(child.stdout!).once("line", ready));
  return child.pid!;
};

const ready = `() => console.log("ready")`;
const tcp = (address: string, port: number, v6only = false): string =>
  `require("node:net").createServer().listen({ host: "${address}", port: ${port}, ipv6Only: ${v6only} }, ${ready})`;

const bad = () => portsFreeCheck.run(host(), asked).filter((f) => f.outcome !== "ok");

test("with nothing there all ports are free", () => {
  expect(bad()).toEqual([]);
});

test("a listener is named with its process, user and command line, on either family and on one address", async () => {
  const pid = await inside(tcp("127.0.0.1", 6443));
  await inside(tcp("::", 2379, true));
  const [api, etcd, ...more] = bad();
  expect(more).toEqual([]);
  expect(api).toMatchObject({ outcome: "fail", subject: "tcp/6443 Kubernetes API server" });
  expect(api?.seen).toMatch(new RegExp(`^taken at 127\\.0\\.0\\.1:6443 by bun, process ${pid} of root: \\S*bun`));
  expect(api?.want).toBe("free, or held by kube-apiserver or k3s-server or haproxy");
  expect(etcd?.seen).toStartWith("taken at [::]:2379 by bun, process ");
});

test("what only the node itself asks is in the way on loopback and on all addresses alone", async () => {
  ns.ip("address add 192.0.2.1/24 dev lo");
  await inside(tcp("192.0.2.1", 10259));
  expect(bad()).toEqual([]);
  await inside(tcp("0.0.0.0", 10257));
  expect(bad().map((f) => f.subject)).toEqual(["tcp/10257 controller manager"]);
});

test("a socket that is bound and does not listen is found by binding", async () => {
  await inside(`
    const { dlopen } = require("bun:ffi");
    const { symbols: c } = dlopen("libc.so.6", {
      socket: { args: ["int", "int", "int"], returns: "int" },
      bind: { args: ["int", "ptr", "int"], returns: "int" },
    });
    const address = new Uint8Array(16);
    address.set([2, 0, 10250 >> 8, 10250 & 255]);
    if (c.bind(c.socket(2, 1, 0), address, 16) === 0) console.log("ready");
    setInterval(() => {}, 1e6);`);
  expect(bad()).toMatchObject([
    {
      outcome: "fail",
      subject: "tcp/10250 kubelet",
      seen: "cannot be bound at 0.0.0.0: a socket has it that does not listen",
    },
  ]);
});

test("UDP is looked at, too, and one port of a range only warns", async () => {
  await inside(
    `const d = require("node:dgram"); d.createSocket("udp4").bind(8472, () => d.createSocket("udp4").bind(30007, ${ready}))`,
  );
  expect(
    bad().map(({ outcome, subject, seen }) => `${outcome} ${subject?.split(" ")[0]} ${seen.split(" ")[2]}`),
  ).toEqual(["warn udp/30000-32767 0.0.0.0:30007", "fail udp/8472 0.0.0.0:8472"]);
});

/** A name server that knows every name below some domain, and none else. */
const nameServer = (domain: string): string => `
  const s = require("node:dgram").createSocket("udp4");
  s.on("message", (m, from) => {
    const all = m.toString("latin1").includes("${domain}");
    const head = Buffer.from(m.subarray(0, 12));
    head.writeUInt16BE(all ? 0x8180 : 0x8183, 2);
    head.writeUInt16BE(all ? 1 : 0, 6);
    const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 7]);
    s.send(Buffer.concat(all ? [head, m.subarray(12), record] : [head, m.subarray(12)]), from.port, from.address);
  });
  s.bind(53, "127.0.0.1", ${ready});`;

const resolving = (text: string): Host => textHost({ files: { "/etc/resolv.conf": text }, ns: kernel.open(ns.path) });

test("a search domain that has an address for a name that nobody made is found, by asking", async () => {
  await inside(nameServer("wild"));
  const found = wildcardDnsCheck.run(resolving("nameserver 127.0.0.1\nsearch corp.example wild.example\n"), asked);
  expect(found.map(({ outcome, subject }) => `${outcome} ${subject}`)).toEqual([
    "ok corp.example",
    "warn wild.example",
  ]);
  expect(found[1]?.seen).toMatch(/^has an address for podwire-[0-9a-f]{12}\.wild\.example, which nobody made$/);
});

test("without an answer nothing is told, and without search domains nobody is asked", () => {
  expect(wildcardDnsCheck.run(resolving("nameserver 127.0.0.1\nsearch corp.example\n"), asked)).toEqual([
    { outcome: "unknown", subject: "corp.example", seen: "no name server answered in 300 ms", want: "an answer" },
  ]);
  expect(wildcardDnsCheck.run(resolving("nameserver 127.0.0.1\n"), asked)).toEqual([]);
});
