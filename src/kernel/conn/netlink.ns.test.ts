import { expect, test } from "bun:test";
import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { F, splitMessages } from "../codec/message.ts";
import { link, RTM_LINK } from "../codec/route/link.ts";
import { RTM_ROUTE, route } from "../codec/route/route.ts";
import { type TestNetns, withNetns } from "../testing/netns.ts";
import { run } from "../testing/run.ts";
import { type Netlink, type NetlinkOptions, openNetlink } from "./netlink.ts";
import type { WireLog } from "./wire-log.ts";

const withNetlink = (
  act: (nl: Netlink, ns: TestNetns) => void | Promise<void>,
  options: NetlinkOptions = {},
): Promise<void> =>
  withNetns(async (ns) => {
    const fd = openSync(ns.path, "r");
    try {
      using nl = openNetlink({ ...options, netns: fd });
      await act(nl, ns);
    } finally {
      closeSync(fd);
    }
  });

const links = (nl: Netlink) =>
  nl.dump({ type: RTM_LINK.get, op: "ip link", payload: link.write({}) }).map((m) => link.read(m.payload));
const routes = (nl: Netlink) =>
  nl
    .dump({ type: RTM_ROUTE.get, op: "ip route", payload: route.write({ family: 2 }) })
    .map((m) => route.read(m.payload));

test("5,000 routes and 1,000 links are dumped whole", () =>
  withNetlink((nl, ns) => {
    const lines: string[] = ["link set lo up"];
    // Pairs, since they go all at once: a thousand bridges would keep the kernel's one lock for seconds.
    for (let i = 0; i < 500; i++) lines.push(`link add a${i} type veth peer name b${i}`);
    for (let i = 0; i < 5000; i++) lines.push(`route add 10.${i >> 8}.${i & 255}.0/24 dev lo proto 112`);
    run(["ip", "-n", ns.name, "-batch", "-"], { input: lines.join("\n") });
    expect(links(nl).map((l) => l.ifname)).toEqual(ns.ipJson("link").map((l) => l.ifname as string));
    const mine = routes(nl)
      .filter((r) => r.protocol === 112)
      .map((r) => `${r.dst}/${r.dstLen}`);
    expect(mine.length).toBe(5000);
    expect(mine).toEqual(ns.ipJson("route show proto 112").map((r) => r.dst as string));
  }));

test("a search ends with the first that will do, and what comes after it is whole", () =>
  withNetlink((nl, ns) => {
    const lines = Array.from({ length: 200 }, (_, i) => `link add a${i} type veth peer name b${i}`);
    run(["ip", "-n", ns.name, "-batch", "-"], { input: lines.join("\n") });
    const names: (string | undefined)[] = [];
    const search = (name: string): boolean =>
      nl.some({ type: RTM_LINK.get, op: "ip link", payload: link.write({}) }, (m) => {
        names.push(link.read(m.payload).ifname);
        return names.at(-1) === name;
      });
    expect(search("lo")).toBe(true);
    expect(names).toEqual(["lo"]);
    const all = ns.ipJson("link").map((l) => l.ifname as string);
    expect(links(nl).map((l) => l.ifname)).toEqual(all);
    names.length = 0;
    expect(search("none")).toBe(false);
    expect(names).toEqual(all);
  }));

test("a small buffer grows for a message that does not fit, and nothing is cut", () =>
  withNetlink(
    (nl, ns) => {
      ns.ip("link add br0 type bridge");
      ns.ip("link add vx0 type vxlan id 1 dstport 4789");
      expect(links(nl).map((l) => l.ifname)).toEqual(["lo", "br0", "vx0"]);
      const payload = link.write({ ifname: "br0" });
      const look = { type: RTM_LINK.get, op: "ip link show br0", payload };
      expect(link.read(nl.get(look).payload).linkinfo?.kind).toBe("bridge");
    },
    { bufferBytes: 64 },
  ));

test("an answer that was cut is asked for again", () =>
  withNetlink(
    (nl, ns) => {
      ns.ip("link add br0 type bridge");
      const payload = link.write({ ifname: "br0" });
      const look = { type: RTM_LINK.get, op: "ip link show br0", payload };
      expect(link.read(nl.get(look).payload).linkinfo?.kind).toBe("bridge");
    },
    { bufferBytes: 64 },
  ));

test("a dump that the kernel calls interrupted is made again until it is of one piece", async () => {
  let torn = 0;
  const wireLog: WireLog = {
    add: (_, bytes, way) => {
      if (way === "in" && splitMessages(bytes).some((m) => m.flags & F.dumpIntr)) torn++;
    },
    [Symbol.dispose]: () => {},
  };
  await withNetlink(
    async (nl, ns) => {
      const lines = (prefix: string, n: number) =>
        Array.from({ length: n }, (_, i) => `link add ${prefix}${i} type veth peer name ${prefix}-${i}\n`).join("");
      run(["ip", "-n", ns.name, "-batch", "-"], { input: lines("b", 200) });
      const churn = spawn("ip", ["-n", ns.name, "-batch", "-"], { stdio: ["pipe", "ignore", "ignore"] });
      let ended = false;
      const end = new Promise<void>((resolve) =>
        churn.once("close", () => {
          ended = true;
          resolve();
        }),
      );
      churn.stdin.end(lines("z", 400));
      while (!ended) {
        await new Promise((resolve) => setImmediate(resolve));
        let seen: string[];
        try {
          seen = links(nl).map((l) => l.ifname ?? "");
        } catch (error) {
          expect(String(error)).toContain("the table changed during each of"); // changed faster than it can be read
          continue;
        }
        // Of one piece: all that was there before, and of what came since the first ones without a gap.
        expect(seen.filter((n) => /^b\d/.test(n)).sort()).toEqual(
          Array.from({ length: 200 }, (_, i) => `b${i}`).sort(),
        );
        const since = seen.filter((n) => /^z\d/.test(n));
        expect(since).toEqual(since.map((_, i) => `z${i}`));
      }
      await end;
      expect(torn).toBeGreaterThan(0);
      expect(links(nl).length).toBe(1 + 2 * 600);
    },
    { wireLog },
  );
});

test("a batch answers each request in its place, and tries them all", () =>
  withNetlink((nl, ns) => {
    ns.ip("link set lo up");
    const add = (third: number) => ({
      type: RTM_ROUTE.new,
      flags: F.create | F.excl,
      op: `ip route add 10.0.${third}.0/24 dev lo`,
      payload: route.write({
        family: 2,
        dstLen: 24,
        tableLow: 254,
        protocol: 112,
        scope: 253,
        type: 1,
        dst: `10.0.${third}.0` as never,
        oif: 1,
      }),
    });
    const wanted = [...Array.from({ length: 200 }, (_, i) => i), 7, 8];
    const answers = nl.batch(wanted.map(add));
    expect(answers.slice(0, 200)).toEqual(Array(200).fill(undefined));
    expect(answers.slice(200).map((a) => a?.message)).toEqual([
      "ip route add 10.0.7.0/24 dev lo: it is there already (EEXIST)",
      "ip route add 10.0.8.0/24 dev lo: it is there already (EEXIST)",
    ]);
    expect(ns.ipJson("route show proto 112").length).toBe(200);
  }));
