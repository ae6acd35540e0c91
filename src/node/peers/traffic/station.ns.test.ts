import { expect, test } from "bun:test";
import { parseIp } from "../../../base/ip.ts";
import { writeSockaddr } from "../../../kernel/codec/sockaddr.ts";
import { bindSocket, closeSocket, listenSocket, openInetSocket } from "../../../kernel/os/inet-socket.ts";
import { makeNetns } from "../../../kernel/testing/netns.ts";
import { byId, door, second, second6, timeoutMs, trying, withTwoStations } from "../testing/two-stations.ts";
import { firstRungs, nextRungs } from "./ladder.ts";
import { openStation } from "./station.ts";

test("what is open is answered by TCP, UDP and an IP protocol, in both families, and seen to arrive", () =>
  withTwoStations(async ({ one, two }) => {
    const doors = [
      door(1, "tcp", 6443),
      door(2, "udp", 8472),
      door(3, "ip", 4),
      door(4, "tcp", 6443, second6),
      door(5, "udp", 8472, second6),
    ];
    expect(two.open(doors).map((d) => d.state)).toEqual(doors.map(() => "open"));
    const ends = await one.tries(trying(doors), 5000);
    expect(ends.map((e) => e.outcome)).toEqual(doors.map(() => "answered"));
    expect(ends.every((e) => e.micros !== undefined && e.micros > 0 && e.micros < 5_000_000)).toBe(true);
    expect(two.arrived().sort()).toEqual([1, 2, 3, 4, 5]);
  }));

test("a port that a program has is left to it: TCP is connected without a word, UDP is heard on its way", () =>
  withTwoStations(async ({ one, two, b, kernel }) => {
    const held = kernel.open(b.path).enter(() => [openInetSocket("tcp", 4), openInetSocket("udp", 4)]);
    bindSocket(held[0]!, writeSockaddr({ ip: parseIp("0.0.0.0"), port: 6443 }));
    listenSocket(held[0]!, 1);
    bindSocket(held[1]!, writeSockaddr({ ip: second, port: 8472 }));
    const doors = [door(1, "tcp", 6443), door(2, "udp", 8472)];
    expect(two.open(doors).map((d) => d.state)).toEqual(["taken", "taken"]);
    const ends = await one.tries(trying(doors, false), timeoutMs);
    expect(byId(ends).map((e) => e.outcome)).toEqual(["connected", "silent"]);
    expect(two.arrived()).toEqual([2]);
    held.map(closeSocket);
  }));

test("a port where nobody is, and an address to which no way leads, are told apart from silence", () =>
  withTwoStations(async ({ one, a, b }) => {
    a.ip("route add unreachable 10.9.0.0/24");
    a.ip("route add 10.8.0.1 via 10.0.0.2");
    b.sh("echo 1 >/proc/sys/net/ipv4/ip_forward");
    b.ip("route add blackhole 10.8.0.0/24");
    const doors = [
      door(1, "tcp", 6443),
      door(2, "udp", 6443),
      door(3, "tcp", 6443, parseIp("10.9.0.1")),
      door(4, "udp", 6443, parseIp("10.9.0.1")),
      door(5, "tcp", 6443, parseIp("10.8.0.1")),
      door(6, "udp", 6443, parseIp("10.8.0.1")),
    ];
    expect(byId(await one.tries(trying(doors), timeoutMs))).toEqual([
      { id: 1, outcome: "reset" },
      { id: 2, outcome: "refused", icmp: { type: 3, code: 3 }, by: second },
      { id: 3, outcome: "cannot", errno: "EHOSTUNREACH" },
      { id: 4, outcome: "cannot", errno: "EHOSTUNREACH" },
      { id: 5, outcome: "silent" },
      { id: 6, outcome: "silent" },
    ]);
  }));

test("who does not know the run's key is not answered, and does not arrive", () =>
  withTwoStations(async ({ two, a, kernel }) => {
    using stranger = openStation(kernel.open(a.path), new Uint8Array(32));
    const doors = [door(1, "tcp", 6443), door(2, "udp", 8472)];
    two.open(doors);
    const ends = await stranger.tries(trying(doors), timeoutMs);
    expect(byId(ends).map((e) => e.outcome)).toEqual(["reset", "silent"]);
    expect(two.arrived()).toEqual([]);
  }));

test("the ladder finds to the byte what a path takes", () =>
  withTwoStations(async ({ one, two, b }) => {
    const doors = [door(1, "udp", 7112), door(2, "udp", 7112, second6)];
    two.open(doors);
    const paths = doors.map(({ id, ip, port }) => ({ id, ip, port }));
    const link = { link: 1500, linkName: "eth0" };
    expect(await one.paths(paths)).toEqual(paths.map(({ id }) => ({ id, ...link, largest: 1500 })));
    // What does not fit is dropped without a word, as by a switch. A veth has room for a VLAN's tag besides.
    b.ip("link set eth0 mtu 1437");
    expect(await one.paths(paths)).toEqual(paths.map(({ id }) => ({ id, ...link, largest: 1441 })));
  }));

test("a router that says what does not fit is named", () =>
  withTwoStations(async ({ one, a, b, kernel, key }) => {
    using c = makeNetns();
    b.ip(`link add far mtu 1333 type veth peer name eth0 netns ${c.name} mtu 1333`);
    b.ip("addr add 10.8.0.1/24 dev far");
    b.ip("link set far up");
    b.sh("echo 1 >/proc/sys/net/ipv4/ip_forward");
    c.ip("link set eth0 up");
    c.ip("addr add 10.8.0.2/24 dev eth0");
    c.ip("route add default via 10.8.0.1");
    a.ip("route add 10.8.0.0/24 via 10.0.0.2");
    using three = openStation(kernel.open(c.path), key);
    const [ip, nobody] = [parseIp("10.8.0.2"), parseIp("10.8.0.3")];
    three.open([door(1, "udp", 7112, ip)]);
    const link = { link: 1500, linkName: "eth0" };
    expect(
      await one.paths([
        { id: 1, ip, port: 7112 },
        { id: 2, ip: nobody, port: 7112 },
      ]),
    ).toEqual([
      { id: 1, ...link, largest: 1333, said: { mtu: 1333, by: second } },
      { id: 2, ...link },
    ]);
  }));

test("rungs close in on what is sought, whatever it is", () => {
  for (const [link, path] of [
    [1500, 1401],
    [9000, 1501],
    [65535, 68],
    [9000, 8999],
    [1500, 576],
  ] as const) {
    let [low, high] = [0, link + 1];
    let rungs = firstRungs(link, 4);
    let rounds = 0;
    for (; rungs.length > 0; rounds++) {
      low = Math.max(low, ...rungs.filter((size) => size <= path));
      high = Math.min(high, ...rungs.filter((size) => size > path));
      rungs = nextRungs(low, high);
    }
    expect([link, path, low]).toEqual([link, path, path]);
    expect(rounds).toBeLessThan(6);
  }
  expect(nextRungs(1280, 1500, 1437)).toContain(1437);
  expect(nextRungs(1280, 1281)).toEqual([]);
});
