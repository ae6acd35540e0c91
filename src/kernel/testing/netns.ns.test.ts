import { expect, test } from "bun:test";
import { closeSync, existsSync, openSync } from "node:fs";
import { openNetlink } from "../conn/netlink.ts";
import { createNetns, deleteNetns, listNetns, ownNetnsId } from "../os/netns.ts";
import { makeNetns, sweepNetns, withNetns } from "./netns.ts";
import { recordNetlink } from "./recorder.ts";
import { tryRun } from "./run.ts";

test("a throwaway namespace holds loopback alone and is gone afterwards", async () => {
  const home = ownNetnsId();
  const path = await withNetns((ns) => {
    expect(ns.ipJson("link").map((l) => l.ifname)).toEqual(["lo"]);
    expect(ns.sh("readlink /proc/self/ns/net").trim()).not.toBe(home);
    return ns.path;
  });
  expect(existsSync(path)).toBe(false);
  expect(ownNetnsId()).toBe(home);
});

test("a namespace goes even when the test throws", async () => {
  let name = "";
  const failing = withNetns((ns) => {
    name = ns.name;
    throw new Error("as planned");
  });
  await expect(failing).rejects.toThrow("as planned");
  expect(listNetns()).not.toContain(name);
});

test("a descriptor left open is reported with what it is open on", async () => {
  let fd = -1;
  const leaking = withNetns(() => {
    fd = openSync("/etc/passwd", "r");
  });
  await expect(leaking).rejects.toThrow(/descriptor \d+ \/etc\/passwd/);
  closeSync(fd);
});

test("a namespace left behind is reported by name", async () => {
  let inner: Disposable | undefined;
  const leaking = withNetns(() => {
    inner = makeNetns();
  });
  await expect(leaking).rejects.toThrow(/namespace podtest-/);
  inner?.[Symbol.dispose]();
});

test("namespaces of dead processes are swept, those of living ones and of others stay", () => {
  using mine = makeNetns();
  const dead = `podtest-${process.pid}-1-1`; // our PID, but another start time
  const foreign = `podtestx-${process.pid}-1-1`;
  createNetns(dead);
  createNetns(foreign);
  try {
    expect(sweepNetns()).toContain(dead);
    expect(listNetns()).toContain(mine.name);
    expect(listNetns()).toContain(foreign);
    expect(listNetns()).not.toContain(dead);
  } finally {
    deleteNetns(foreign);
    deleteNetns(dead);
  }
});

test("a failing command shows its line and what it said", () => {
  using ns = makeNetns();
  expect(() => ns.ip("link show nothing0")).toThrow(/ip -n podtest-\S+ link show nothing0\nexit 1: Device "nothing0"/);
  expect(tryRun(["no-such-program"]).code).toBe(127);
});

test("the recorder keeps what went out and what came in", async () => {
  await withNetns((ns) => {
    const log = recordNetlink();
    const fd = openSync(ns.path, "r");
    using nl = openNetlink({ netns: fd, wireLog: log });
    nl.dump({ type: 18, payload: new Uint8Array(16), op: "ip link" });
    closeSync(fd);
    expect(log.messages("out").map((m) => [m.type, m.flags, m.seq])).toEqual([[18, 0x301, 1]]);
    expect(log.messages("in").map((m) => m.type)).toEqual([16, 3]);
    expect(log.text()).toStartWith("> 20000000 12000103 01000000 00000000 00000000");
  });
});
