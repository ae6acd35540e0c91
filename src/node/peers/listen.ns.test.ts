import { expect, test } from "bun:test";
import { newToken } from "./link/token.ts";
import { complaints, makeWire, type PeersReport, sockets, start } from "./testing/nodes.ts";

const check = ["node", "check", "-o", "json"];
/** What the coordinator prints to be pasted. */
const pasted = /podwire node listen (\S+)/;

test("three nodes: one line pasted on each of two, all reach each other, and nothing is left", async () => {
  using wire = makeWire(3);
  const [one, two, three] = wire.nodes as [never, never, never];
  await using first = start(one, "n1", [...check, "--peers", "--expect", "2", "--role", "control-plane"]);
  const word = await first.says(pasted);
  expect(word).toMatch(/^[0-9a-z]{26}@10\.0\.0\.1:7112$/);
  await using second = start(two, "n2", ["node", "listen", word]);
  await using third = start(three, "n3", ["node", "listen", word, "--role", "worker"]);
  const { out, err } = await first.ended();
  expect(complaints(out)).toEqual([]);
  const { reach } = JSON.parse(out) as PeersReport;
  expect([...reach.nodes].sort()).toEqual(["n1", "n2", "n3"]);
  expect(reach.cells.filter((c) => c.from !== c.to).every((c) => c.tried > 20 && c.pathMtu === 1500)).toBe(true);
  expect(err).toContain("n2 (worker, 10.0.0.2, fd00::2) is here");
  for (const listener of [second, third]) {
    const said = await listener.ended();
    expect([said.exit, said.out]).toEqual([0, ""]);
    expect(said.err).toMatch(/done: \d+ ways tried from here; nothing is left open/);
  }
  expect(wire.nodes.flatMap(sockets)).toEqual([]);
}, 30_000);

test("nodes that wait are called, when they cannot call", async () => {
  using wire = makeWire(2);
  const [one, two] = wire.nodes as [never, never];
  const token = newToken();
  await using second = start(two, "n2", ["node", "listen", "--token", token, "--port", "7200"]);
  await second.says(/waiting on port (\d+)/);
  await using first = start(one, "n1", [...check, "--token", token, "--call", "10.0.0.2:7200"]);
  expect(complaints((await first.ended()).out)).toEqual([]);
  expect((await second.ended()).exit).toBe(0);
  expect(wire.nodes.flatMap(sockets)).toEqual([]);
}, 30_000);

test("a wrong token and a stranger are refused, are told so, and disturb nobody", async () => {
  using wire = makeWire(3);
  const [one, two, three] = wire.nodes as [never, never, (typeof wire.nodes)[number]];
  await using first = start(one, "n1", [...check, "--peers", "--expect", "1"]);
  const word = await first.says(pasted);
  await using wrong = start(three, "n3", ["node", "listen", `${newToken()}@10.0.0.1`]);
  const said = await wrong.ended();
  expect(said.exit).toBe(2);
  expect(said.err).toContain("the connection was closed");
  expect(await first.says(/refused 10\.0\.0\.3: (.+)/)).toBe("knows another token, or none");
  three.ip("addr add 10.0.0.9/24 dev eth0");
  const stranger = `
    const s = require("node:net").connect({ host: "10.0.0.1", port: 7112, localAddress: "10.0.0.9" });
    s.on("connect", () => s.write("GET / HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n")).on("close", () => process.exit(0));
    s.on("error", () => {});`;
  three.sh(`BUN_BE_BUN=1 '${process.execPath}' -e '${stranger}'`);
  expect(await first.says(/refused 10\.0\.0\.9: (.+)/)).toBe("speaks another language");
  await using second = start(two, "n2", ["node", "listen", word]);
  expect(complaints((await first.ended()).out)).toEqual([]);
  expect((await second.ended()).exit).toBe(0);
}, 30_000);

test("a node that is killed before the run is said to be gone, and the others are tried all the same", async () => {
  using wire = makeWire(3);
  const [one, two, three] = wire.nodes as [never, never, never];
  await using first = start(one, "n1", [...check, "--peers", "--expect", "2", "--network", "none"]);
  const word = await first.says(pasted);
  await using third = start(three, "n3", ["node", "listen", word]);
  await first.says(/n3 .* is here/);
  third.kill("SIGKILL");
  await third.ended();
  expect(sockets(three)).toEqual([]);
  await using second = start(two, "n2", ["node", "listen", word]);
  const { exit, out } = await first.ended();
  expect(exit).toBe(1);
  expect(complaints(out).filter((line) => !line.startsWith("F2 unknown"))).toEqual([
    expect.stringMatching(/^B2 fail n3: no answer of 10\.0\.0\.3:\d+: the connection was closed$/),
  ]);
  const { reach } = JSON.parse(out) as PeersReport;
  const [a, b] = [reach.nodes.indexOf("n1"), reach.nodes.indexOf("n2")];
  expect(reach.cells.find((c) => c.from === a && c.to === b)).toMatchObject({ failed: 0 });
  expect((await second.ended()).exit).toBe(0);
}, 30_000);

test("a listener ends when the one who coordinates is gone, and when its time is over", async () => {
  using wire = makeWire(2);
  const [one, two] = wire.nodes as [never, never];
  const first = start(one, "n1", [...check, "--peers"]);
  const word = await first.says(pasted);
  await using second = start(two, "n2", ["node", "listen", word]);
  await second.says(/it starts when all nodes are there/);
  first.kill("SIGKILL");
  await first.ended();
  const said = await second.ended();
  expect([said.exit, said.err]).toEqual([2, expect.stringContaining("the one who coordinates is gone")]);
  await using third = start(two, "n2", ["node", "listen", "--token", newToken(), "--for", "100ms"]);
  const late = await third.ended();
  expect([late.exit, late.err]).toEqual([2, expect.stringContaining("nobody who knows the token called in time")]);
  expect(wire.nodes.flatMap(sockets)).toEqual([]);
}, 30_000);

test("Ctrl-C ends either side at once", async () => {
  using wire = makeWire(2);
  const [one, two] = wire.nodes as [never, never];
  await using first = start(one, "n1", [...check, "--peers"]);
  const word = await first.says(pasted);
  await using second = start(two, "n2", ["node", "listen", word]);
  await second.says(/it starts when all nodes are there/);
  second.kill("SIGINT");
  expect((await second.ended()).exit).toBe(130);
  first.kill("SIGTERM");
  expect((await first.ended()).exit).toBe(143);
}, 30_000);

test("nobody at the other end is told, with what to do", async () => {
  using wire = makeWire(2);
  const [one, two] = wire.nodes as [never, (typeof wire.nodes)[number]];
  await using refused = start(one, "n1", ["node", "listen", `${newToken()}@10.0.0.2`]);
  const said = await refused.ended();
  expect(said.exit).toBe(2);
  expect(said.err).toContain("no answer from 10.0.0.2:7112: nobody listens there, or a firewall refuses");
  expect(said.err).toContain("let tcp/7112 in");
  two.ip("route add blackhole 10.0.0.1");
  await using silent = start(one, "n1", ["node", "listen", `${newToken()}@10.0.0.2`]);
  expect((await silent.ended()).err).toContain("silence, as of a firewall that drops");
}, 30_000);

test("a node without IPv4 is tried by IPv6, and nodes without a family in common are told", async () => {
  using wire = makeWire(3, (i) => (["6", undefined, "4"] as const)[i - 1]);
  const [four, both, six] = wire.nodes as [never, never, never];
  await using first = start(both, "n2", [...check, "--peers", "--expect", "2", "--node-ip", "fd00::2"]);
  const word = await first.says(pasted);
  expect(word).toContain("@[fd00::2]:7112");
  const [token] = word.split("@");
  await using second = start(four, "n1", ["node", "listen", `${token}@10.0.0.2`]);
  await using third = start(six, "n3", ["node", "listen", word]);
  const { exit, out } = await first.ended();
  expect(exit).toBe(1);
  const told = complaints(out);
  expect(told).toHaveLength(1);
  expect(told[0]).toMatch(/^F2 fail n[13] <-> n[13]: no family in common: n[13] has only IPv[46], n[13] only IPv[46]$/);
  const { reach } = JSON.parse(out) as PeersReport;
  const place = (name: string): number => reach.nodes.indexOf(name);
  expect(reach.cells.find((c) => c.from === place("n2") && c.to === place("n3"))?.tried).toBeGreaterThan(10);
  await Promise.all([second.ended(), third.ended()]);
}, 30_000);

test("a flood of silent callers does not keep out one who knows the token", async () => {
  using wire = makeWire(3);
  const [one, two, three] = wire.nodes as [never, never, (typeof wire.nodes)[number]];
  await using first = start(one, "n1", [...check, "--peers", "--expect", "1", "--network", "none"]);
  const word = await first.says(pasted);
  const flood = `
    const { connect } = require("node:net");
    let open = 0;
    for (let i = 0; i < 200; i++)
      connect({ host: "10.0.0.1", port: 7112 }, () => { if (++open === 200) console.log("ready"); }).on("error", () => {});
    setTimeout(() => {}, 60000);`;
  const argv = ["nsenter", `--net=${three.path}`, process.execPath, "-e", flood];
  const strangers = Bun.spawn(argv, { env: { ...process.env, BUN_BE_BUN: "1" }, stdout: "pipe", stdin: "ignore" });
  try {
    await strangers.stdout.getReader().read();
    await using second = start(two, "n2", ["node", "listen", word]);
    const { out, err } = await first.ended();
    expect(complaints(out)).toEqual([]);
    expect(err.split("\n").filter((line) => line.startsWith("refused")).length).toBeLessThanOrEqual(1);
    expect((await second.ended()).exit).toBe(0);
  } finally {
    strangers.kill("SIGKILL");
    await strangers.exited;
  }
}, 30_000);
