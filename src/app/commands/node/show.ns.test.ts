/** `podwire node show` as a person meets it: the built executable in throwaway namespaces, `ip` and `ss` beside it. */
import { expect, test } from "bun:test";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { type TestNetns, withNetns } from "../../../kernel/testing/netns.ts";
import { tryRun } from "../../../kernel/testing/run.ts";
import { differences, ipJson } from "../../../node/show/testing/compare.ts";
import { inside, show, two } from "./testing/inside.ts";

/** Ports that a program in the namespace listens on while `act` runs. */
const listening = async (ns: TestNetns, act: (pid: number) => Promise<void> | void): Promise<void> => {
  const script = `
    require("net").createServer().listen(6443, "127.0.0.1", () =>
      require("net").createServer().listen(7000, "::", () => {
        const u = require("dgram").createSocket({ type: "udp6", ipv6Only: true });
        u.bind(5300, "::1", () => console.log("ready"));
      }));`;
  const child = spawn("nsenter", [`--net=${ns.path}`, "node", "-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    await once(child.stdout, "data");
    await act(child.pid!);
  } finally {
    child.kill("SIGKILL");
    await once(child, "close");
  }
};

test("listeners are those of ss: protocol, state, queues, address, process", () =>
  withNetns((ns) => {
    ns.sh(two);
    return listening(ns, (pid) => {
      const { listeners } = JSON.parse(show(ns, "listeners", "-o", "json").stdout);
      const ours = listeners.map((l: Record<string, never>) => {
        const { netid, state, recv_q, send_q, local, v6only, family, processes, inode, uid } = l as never as {
          [key: string]: unknown;
          local: { address: string; port: number };
          processes: { pid: number; comm: string }[];
        };
        const any = family === "inet6" && local.address === "::" && !v6only;
        const address = any ? "*" : family === "inet6" ? `[${local.address}]` : local.address;
        const users = processes.map((p) => `"${p.comm}",pid=${p.pid}`).join();
        return [netid, state, recv_q, send_q, `${address}:${local.port}`, users, `ino:${inode}`, uid].join(" ");
      });
      const theirs = ns
        .sh("ss -H -lntupe")
        .trim()
        .split("\n")
        .map((line) => {
          const [netid, state, recvQ, sendQ, local] = line.split(/\s+/);
          const users = /users:\(\(("[^"]+",pid=\d+)/.exec(line)?.[1];
          return [netid, state, recvQ, sendQ, local, users, /ino:\d+/.exec(line)?.[0], 0].join(" ");
        });
      expect(theirs.length).toBe(3);
      expect(ours.toSorted()).toEqual(theirs.toSorted());
      expect(ours[0]).toContain(`pid=${pid}`);
      const table = show(ns, "listeners", "6443", "-o", "wide").stdout;
      expect(table).toContain("127.0.0.1:6443");
      expect(table.trim().split("\n").length).toBe(2);
      expect(table).toContain("createServer");
      expect(show(ns, "listeners", "udp").stdout.trim().split("\n").length).toBe(2);
      expect(show(ns, "listeners", "nodd").stderr).toContain("did you mean node?");
    });
  }));

test("ports of a role: a stranger is named, and is exit status 1", () =>
  withNetns((ns) => {
    ns.sh(two);
    expect(inside(ns, "ports").code).toBe(0);
    return listening(ns, (pid) => {
      expect(inside(ns, "ports").code).toBe(0); // 6443 is not a worker's
      const { code, stdout, stderr } = inside(ns, "ports", "--role", "control-plane", "-o", "json");
      expect([code, stderr.split("\n")[0]]).toEqual([1, "1 port is taken by a program that should not have it"]);
      const taken = JSON.parse(stdout).ports.filter((p: { state: string }) => p.state !== "free");
      expect(taken).toMatchObject([
        {
          id: "kube-apiserver",
          first: 6443,
          state: "stranger",
          loopbackOnly: true,
          holders: [{ local: "127.0.0.1:6443", process: { pid, comm: "node", user: "root" } }],
        },
      ]);
      expect(inside(ns, "ports", "--role", "control-plane").stdout).toMatch(
        /tcp\/6443 +kube-apiserver +TAKEN BY A STRANGER/,
      );
    });
  }));

test("every namespace: named ones, and those that only a process holds", () =>
  withNetns((a) =>
    withNetns(async (b) => {
      a.ip("link add only-a type bridge");
      const child = spawn(
        "nsenter",
        [
          `--net=${b.path}`,
          "unshare",
          "--net",
          "sh",
          "-c",
          "ip link add held type bridge; echo ready; exec sleep infinity",
        ],
        {
          stdio: ["ignore", "pipe", "inherit"],
        },
      );
      try {
        await once(child.stdout, "data");
        const { stdout, code } = show(a, "links", "--all-namespaces", "-o", "json");
        expect(code).toBe(0);
        const { kind, namespaces } = JSON.parse(stdout) as {
          kind: string;
          namespaces: { name: string; is: string; links: { ifname: string }[]; process?: { pid: number } }[];
        };
        const of = (name: string) => namespaces.find((n) => n.name === name);
        expect(kind).toBe("Links");
        expect([of(a.name)?.is, of(a.name)?.links.map((l) => l.ifname)]).toEqual(["own", ["lo", "only-a"]]);
        expect([of(b.name)?.is, of(b.name)?.links.map((l) => l.ifname)]).toEqual(["named", ["lo"]]);
        const held = namespaces.find((n) => n.process?.pid === child.pid);
        expect([held?.name, held?.is]).toEqual([`sleep:${child.pid}`, "held"]);
        expect(held?.links.map((l) => l.ifname)).toEqual(["lo", "held"]);
        const inodes = (namespaces as unknown as { inode: number }[]).map((n) => n.inode);
        expect(new Set(inodes).size).toBe(inodes.length);
        const table = show(a, "links", "held", "-A").stdout.trim().split("\n");
        expect(table.length).toBe(2);
        expect(table[1]).toMatch(new RegExp(`^sleep:${child.pid} +2 {2}held {2}bridge`));
        expect(show(a, "links", "nowhere", "-A").stderr).toContain("link nowhere: there is no such device");
      } finally {
        child.kill("SIGKILL");
        await once(child, "close");
      }
    }),
  ));

test("--netns by name and by path; a slip is answered with the name that was meant", () =>
  withNetns((a) =>
    withNetns((b) => {
      b.ip("link add only-b type bridge");
      for (const netns of [b.name, b.path])
        expect(show(a, "links", "only-b", "--netns", netns).stdout).toContain("only-b");
      const slip = show(a, "links", "--netns", `${b.name}x`);
      expect([slip.code, slip.stdout]).toEqual([2, ""]);
      expect(slip.stderr).toContain(`did you mean ${b.name}?`);
      const link = show(b, "addresses", "only-c");
      expect([link.code, link.stderr.split("\n")[0]]).toEqual([
        2,
        "error: link only-c: there is no such device; did you mean only-b?",
      ]);
      expect(show(a, "lonks").stderr).toContain("did you mean links?");
      expect(show(a, "routes", "--table", "man").stderr).toContain("did you mean main?");
      for (const [word, meant] of [
        ["neigh", "did you mean neighbours?"],
        ["addr", "did you mean addresses?"],
        ["ports", "did you mean podwire node ports?"],
      ] as const)
        expect(show(a, word).stderr).toContain(meant);
      expect(show(a, "links", "--family", "4").stderr).toContain("want it left out: links have none");
      expect(show(a, "rules", "--table", "main").stderr).toContain("want a word: podwire node show rules main");
      expect(show(a, "routes", "192.0.2.77").stderr).toContain("mend it: ip route get 192.0.2.77");
      expect(show(a, "listeners", "64999")).toMatchObject({ code: 0, stderr: "no listeners 64999\n" });
      expect(show(a, "listeners", "64999", "-o", "json").stderr).toBe("");
      expect(show(a, "links", "--netns", "x", "-A").stderr).toContain("want one of the two");
    }),
  ));

test("a thousand links, and as many addresses: as ip -j has them", () =>
  withNetns((ns) => {
    const pairs = Array.from({ length: 500 }, (_, i) => `link add a${i} type veth peer name b${i}`);
    const addresses = pairs.map((_, i) => `address add 10.${i >> 8}.${i & 255}.1/24 dev a${i}`);
    tryRun(["ip", "-n", ns.name, "-batch", "-"], { input: [...pairs, ...addresses].join("\n") });
    for (const noun of ["link", "address"]) {
      const ours = JSON.parse(show(ns, noun === "link" ? "links" : "addresses", "-o", "json").stdout) as unknown[];
      expect(ours.length).toBe(1001);
      expect(differences(ours, ipJson(ns.sh(`ip -j ${noun}`)))).toEqual([]);
    }
    expect(show(ns, "links").stdout.split("\n").length).toBe(1003);
  }));

test("links that are alike but for their other ends, which are in other namespaces", () =>
  withNetns((a) =>
    withNetns((b) =>
      withNetns((c) => {
        const there = (i: number): string => [b.name, c.name, b.name][i % 3]!;
        const lines = Array.from(
          { length: 60 },
          (_, i) => `link add pod${i} type veth peer name e${i} netns ${there(i)}`,
        );
        const more = [
          "link add x0 type bridge",
          "link set pod7 mtu 1400",
          "link set pod8 alias hello",
          "link set pod9 master x0",
        ];
        tryRun(["ip", "-n", a.name, "-batch", "-"], { input: [...lines, ...more].join("\n") });
        const ours = JSON.parse(show(a, "links", "-o", "json").stdout) as { link_netnsid?: number }[];
        expect(new Set(ours.map((l) => l.link_netnsid)).size).toBe(3);
        expect(differences(ours, ipJson(a.sh("ip -j link")))).toEqual([]);
      }),
    ),
  ));

test("routes that are alike but for their destinations, and those between them that are not", () =>
  withNetns((ns) => {
    const lines = Array.from({ length: 900 }, (_, i) => {
      const [far, near] = [(i % 7) * 30 + (i >> 8), i & 255];
      if (i % 50 === 0) return `route add 10.${far}.${near}.1/32 via 172.16.0.${2 + (i % 3)}`;
      if (i % 70 === 0) return `route add blackhole 10.${far}.${near}.0/24`;
      return `route add 10.${far}.${near}.0/24 via 172.16.0.${2 + ((i >> 5) % 3)}${i % 90 === 0 ? " metric 7" : ""}`;
    });
    const six = Array.from({ length: 300 }, (_, i) => `-6 route add fd01:${i.toString(16)}::/64 via fd00::2`);
    ns.sh(`${two}; ip address add 172.16.0.1/24 dev v0; ip address add fd00::1/64 dev v0 nodad`);
    tryRun(["ip", "-n", ns.name, "-batch", "-"], { input: lines.join("\n") });
    tryRun(["ip", "-n", ns.name, "-6", "-batch", "-"], { input: six.join("\n").replaceAll("-6 ", "") });
    for (const family of ["4", "6"]) {
      const ours = JSON.parse(show(ns, "routes", "-o", "json", "--family", family).stdout) as unknown[];
      expect(ours.length).toBeGreaterThan(family === "4" ? 890 : 300);
      expect(differences(ours, ipJson(ns.sh(`ip -${family} -j route`)))).toEqual([]);
    }
    const both = JSON.parse(show(ns, "routes", "-o", "json").stdout) as { family?: string; dst: string }[];
    expect(both.filter((r) => r.family === "inet6").every((r) => r.dst.includes(":"))).toBe(true);
  }));

test("words of others do not move the cursor in a table", () =>
  withNetns((ns) => {
    ns.sh("ip link add v0 type bridge; ip link set v0 alias \"$(printf 'a\\033[2Jb\\nc')\"");
    expect(show(ns, "links", "v0", "-o", "wide").stdout).toMatch(/a \[2Jb c\n$/);
  }));
