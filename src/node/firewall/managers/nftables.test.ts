/** Which boot files get rules: those alone that make the chains themselves, since nft loads all of a file or nothing. */
import { expect, test } from "bun:test";
import { parseCidr } from "../../../base/cidr.ts";
import type { Opening } from "../openings.ts";
import type { ChainThere, Surroundings } from "../surroundings.ts";
import { nftables } from "./nftables.ts";
import { ufw } from "./ufw.ts";

const opening: Opening = { to: "node", id: "kubelet", protocol: "tcp", ports: [10250, 10250], families: [4, 6] };

const chain = (family: ChainThere["table"]["family"], table: string, name: string): ChainThere =>
  ({
    table: { family, name: table },
    name,
    base: { hook: "input", type: "filter", policy: "drop", priority: 0 },
    rules: 1,
    ours: [],
  }) as unknown as ChainThere;

const around = (files: Record<string, string>, ...chains: ChainThere[]): Surroundings => ({
  read: (path) => files[path],
  list: () => [],
  chains,
  legacy: { 4: [], 6: [] },
});

const bootOf = (text: string, ...chains: ChainThere[]): string[] =>
  nftables.plan([opening], around({ "/etc/nftables.conf": text }, ...chains)).boot.map(({ path }) => path);

const own = "flush ruleset\ntable inet filter {\n chain input { type filter hook input priority 0; policy drop; }\n}\n";

test("a file that makes the chains gets the rules, and one that does not is left alone", () => {
  expect(bootOf(own, chain("inet", "filter", "input"))).toEqual(["/etc/nftables.conf"]);
  expect(bootOf(own.replace("table inet", "table"), chain("ip", "filter", "input"))).toEqual(["/etc/nftables.conf"]);
  expect(bootOf('include "/etc/nftables.d/*.nft"\n', chain("inet", "filter", "input"))).toEqual([]);
  expect(bootOf(own, chain("inet", "filter", "input"), chain("inet", "other", "input"))).toEqual([]);
  expect(bootOf(own, chain("inet", "filter", "in"))).toEqual([]);
  expect(
    bootOf(own.replace("table inet filter", "# table inet filter\ntable inet x"), chain("inet", "filter", "input")),
  ).toEqual([]);
  expect(
    bootOf("table inet filter {\n}\ntable inet b {\n chain input { }\n}\n", chain("inet", "filter", "input")),
  ).toEqual([]);
});

test("tables of bans are their program's", () => {
  expect(nftables.rules(around({}, chain("inet", "f2b-table", "f2b-chain")))).toBeUndefined();
  expect(nftables.rules(around({}, chain("ip", "crowdsec", "crowdsec-chain")))).toBeUndefined();
});

test("ufw without IPv6 has a rule that IPv4's file has: it is not told again, and not taken away", () => {
  const files = {
    "/etc/default/ufw": "IPV6=no\n",
    "/etc/ufw/user.rules": "### tuple ### allow tcp 10250 0.0.0.0/0 any 0.0.0.0/0 in\n",
  };
  const [change] = ufw.plan([opening], around(files)).changes;
  expect(typeof change?.holds === "function" && change.holds()).toBe(true);
  const six: Opening = { ...opening, from: parseCidr("fd00::/64"), families: [6] };
  expect(ufw.plan([six], around(files)).changes).toEqual([]);
});
