import { expect, test } from "bun:test";
import { tcRedirectProbe } from "../../../kernel/probe/tc-redirect.ts";
import { withNetns } from "../../../kernel/testing/netns.ts";
import { skipUnless } from "../../../kernel/testing/skip.ts";
import { openKernel } from "../../../net/kernel.ts";
import { match, protocol, rule, th, verdict } from "../../../net/nft/build.ts";
import { portKey } from "../../../net/nft/keys.ts";
import { transact } from "../../../net/nft/transact.ts";
import { listeningIo, runCli } from "../../cli/testing/run-cli.ts";
import { explainWith } from "./firewall-explain.ts";

const table = { family: "inet", name: "own" } as const;

test("a rule in the kernel is found, named and mended; without it the packet is let in", () =>
  withNetns((ns) => {
    ns.ip("link set lo up");
    ns.ip("link add eth0 type veth peer name far");
    ns.ip("address add 10.0.0.1/24 dev eth0");
    for (const link of ["eth0", "far"]) ns.ip(`link set ${link} up`);
    using kernel = openKernel();
    const door = kernel.open(ns.path);
    const ask = (output: "table" | "json") => {
      const { io, said } = listeningIo();
      const exit = explainWith({ ns: door }, { explain: ["tcp/6443", "from", "10.0.0.5"], output }, io);
      return { exit, out: said.out };
    };
    expect(ask("table")).toMatchObject({ exit: 0 });
    const drop = rule([[...protocol("tcp"), ...match(th.dport, portKey(6443))], verdict("drop")]);
    transact(door, [
      { do: "table.add", table },
      { do: "chain.add", table, chain: { name: "in", base: { type: "filter", hook: "input", priority: 0 } } },
      { do: "rule.add", table, chain: "in", rule: drop },
    ]);
    const { exit, out } = ask("table");
    expect(exit).toBe(1);
    expect(out).toContain("✗ dropped: tcp/6443 from 10.0.0.5 to 10.0.0.1\nby someone, inet own in rule 1");
    expect(out).toContain("  tcp dport 6443 drop\n");
    expect(out).toMatch(/nft insert rule inet own in position \d+ ip saddr 10\.0\.0\.5 tcp dport 6443 accept/);
    expect(JSON.parse(ask("json").out)).toMatchObject({
      fate: "dropped",
      by: { owner: "person", table: "own", chain: "in", rule: 1 },
    });
  }));

test("reading makes no table of the older iptables", () =>
  withNetns((ns) => {
    ns.ip("link set lo up");
    using kernel = openKernel();
    const { io } = listeningIo();
    explainWith({ ns: kernel.open(ns.path) }, { explain: ["tcp/22 from 127.0.0.1"] }, io);
    expect(ns.sh("cat /proc/net/ip_tables_names /proc/net/ip6_tables_names 2>/dev/null || true")).toBe("");
  }));

skipUnless(tcRedirectProbe)("what decides beside the rules, and was not asked, is named", () =>
  withNetns((ns) => {
    ns.sh(`ip link add eth0 type veth peer name far; ip address add 10.0.0.1/24 dev eth0; ip link set eth0 up
      ip link add other type veth peer name away; for l in eth0 other; do tc qdisc add dev $l clsact; done`);
    using kernel = openKernel();
    const { io, said } = listeningIo();
    explainWith({ ns: kernel.open(ns.path) }, { explain: ["tcp/22 from 10.0.0.5 in eth0 to 10.0.0.1"] }, io);
    expect(said.out).toContain("not asked: eth0 can have filters of tc");
    expect(said.out).not.toContain("other");
  }),
);

test("what belongs together is said", async () => {
  const said = await runCli(["node", "firewall", "--apply", "--explain", "tcp/22", "from", "10.0.0.5"]);
  expect(said.exit).toBe(2);
  expect(said.err).toContain("stands by itself");
  const alone = await runCli(["node", "firewall", "-o", "json"]);
  expect(alone.err).toContain("belongs to --explain");
  const wrong = await runCli(["node", "firewall", "--explain", "tcp", "from", "10.0.0.5"]);
  expect(wrong.exit).toBe(2);
  expect(wrong.err).toContain("tcp/PORT");
});
