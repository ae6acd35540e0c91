import { expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { operstates } from "../codec/route/link.ts";
import { type TestNetns, withNetns } from "../testing/netns.ts";
import { type Events, type EventsOptions, type NetEvent, openEvents, waitFor } from "./events.ts";

const withEvents = (
  act: (ns: TestNetns, events: Events) => Promise<void>,
  options: EventsOptions = {},
): Promise<void> =>
  withNetns(async (ns) => {
    const fd = openSync(ns.path, "r");
    using events = openEvents({ ...options, netns: fd });
    closeSync(fd);
    await act(ns, events);
  });

const take = async (events: Events, n: number): Promise<NetEvent[]> => {
  const out: NetEvent[] = [];
  for (let e = await events.next(); e; e = await events.next()) if (out.push(e) === n) break;
  return out;
};

test("a link that is made and removed is told of, by name", () =>
  withEvents(
    async (ns, events) => {
      ns.ip("link add br7 type bridge");
      ns.ip("link del br7");
      const seen = await take(events, 2);
      expect(seen.map((e) => ("what" in e && e.what === "link" ? [e.change, e.message.ifname] : e))).toEqual([
        ["new", "br7"],
        ["del", "br7"],
      ]);
    },
    { groups: ["link"] },
  ));

test("addresses, routes, rules and neighbours are told of, each as its own noun", () =>
  withEvents(
    async (ns, events) => {
      ns.sh(`ip link add br0 type bridge
        ip link set br0 up
        ip address add 10.0.0.1/24 dev br0
        ip route add 10.1.0.0/24 via 10.0.0.2 proto 112
        ip rule add table 1000 priority 500
        ip neighbour add 10.0.0.2 lladdr 02:00:00:00:00:02 dev br0`);
      const seen = new Map<string, unknown>();
      for await (const e of events) {
        if ("what" in e) seen.set(e.what, e.message);
        if ("what" in e && e.what === "neighbour" && e.message.dst === "10.0.0.2") break;
      }
      expect(seen.get("address")).toMatchObject({ local: "10.0.0.1", prefixlen: 24 });
      expect(seen.get("route")).toMatchObject({ dst: "10.1.0.0", gateway: "10.0.0.2", protocol: 112 });
      expect(seen.get("rule")).toMatchObject({ priority: 500, table: 1000 });
      expect(seen.get("neighbour")).toMatchObject({ dst: "10.0.0.2", lladdr: "02:00:00:00:00:02" });
    },
    { groups: ["address", "route", "rule", "neighbour"] },
  ));

test("a burst larger than the buffer gives one overrun, after which changes are told of again", () =>
  withEvents(
    async (ns, events) => {
      // The shell holds this thread until all is done: nothing is taken meanwhile.
      ns.sh("for i in 1 2 3 4 5 6 7 8 9 10; do ip link add b$i type bridge; done");
      let lost = await events.next();
      while (lost && "what" in lost) lost = await events.next();
      expect(lost).toEqual({ overrun: true });
      ns.ip("link add after0 type bridge");
      await waitFor(events, "after0", (e) => "what" in e && e.what === "link" && e.message.ifname === "after0", 5000);
    },
    { groups: ["link"], bufferBytes: 2048 },
  ));

test("events that nobody takes give way to one overrun", () =>
  withEvents(
    async (ns, events) => {
      const fd = openSync(ns.path, "r");
      using other = openEvents({ netns: fd, groups: ["link"] });
      closeSync(fd);
      ns.sh("for i in 1 2 3 4 5 6 7 8 9; do ip link add b$i type bridge; done");
      await waitFor(other, "b9", (e) => "what" in e && e.what === "link" && e.message.ifname === "b9", 5000);
      expect(await events.next()).toEqual({ overrun: true });
    },
    { groups: ["link"], limit: 3 },
  ));

test("closing ends an iteration that waits", () =>
  withEvents(async (_, events) => {
    const seen: NetEvent[] = [];
    const loop = (async () => {
      for await (const e of events) seen.push(e);
    })();
    events.close();
    await loop;
    expect(seen).toEqual([]);
    expect(await events.next()).toBeUndefined();
  }));

test("a wait for carrier ends when the other end comes up", () =>
  withEvents(async (ns, events) => {
    ns.ip("link add v0 type veth peer name v1");
    ns.ip("link set v0 up");
    const up = waitFor(
      events,
      "v0 up",
      (e) =>
        "what" in e && e.what === "link" && e.message.ifname === "v0" && operstates[e.message.operstate ?? 0] === "UP",
      5000,
    );
    ns.ip("link set v1 up");
    await up;
    expect(ns.ipJson("link show v0")[0]?.operstate).toBe("UP");
  }));

test("a wait for what does not come names it and its deadline, and loses no event", () =>
  withEvents(
    async (ns, events) => {
      await expect(waitFor(events, "link z0", () => false, 1)).rejects.toThrow("link z0: did not happen within 1 ms");
      ns.ip("link add br7 type bridge");
      expect(await events.next()).toMatchObject({ what: "link", message: { ifname: "br7" } });
    },
    { groups: ["link"] },
  ));

test("a process that has closed its events ends by itself, and files stay readable meanwhile", () => {
  const script = `
    import { openEvents } from "${import.meta.dir}/events.ts";
    import { readFile } from "node:fs/promises";
    const all = Array.from({ length: 8 }, () => openEvents());
    const ends = all.map((e) => e.next());
    await readFile("/etc/hostname");
    for (const e of all) e.close();
    console.log((await Promise.all(ends)).length);
  `;
  const r = spawnSync("unshare", ["--net", process.execPath, "-e", script], { encoding: "utf8", timeout: 20_000 });
  expect([r.stdout, r.status]).toEqual(["8\n", 0]);
});
