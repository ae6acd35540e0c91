/** Which boot files get rules: those alone that make the chains themselves, since nft loads all of a file or nothing. */
import { expect, test } from "bun:test";
import type { Opening } from "../openings.ts";
import type { ChainThere } from "../surroundings.ts";
import { around, chain } from "../testing/around.ts";
import { nftables } from "./nftables.ts";

const opening: Opening = { to: "node", id: "kubelet", protocol: "tcp", ports: [10250, 10250], families: [4, 6] };

const bootOf = (text: string, ...chains: ChainThere[]): string[] =>
  nftables.plan([opening], around({ files: { "/etc/nftables.conf": text }, chains })).boot.map(({ path }) => path);

const own = "flush ruleset\ntable inet filter {\n chain input { type filter hook input priority 0; policy drop; }\n}\n";
const input = chain("inet filter input", "input");

test("a file that makes the chain gets the rules, and one that does not is left alone", () => {
  expect(bootOf(own, input)).toEqual(["/etc/nftables.conf"]);
  expect(bootOf(own.replace("table inet", "table"), chain("ip filter input", "input"))).toHaveLength(1);
  expect(
    bootOf("add table inet filter\nadd chain inet filter input { type filter hook input priority 0; }\n", input),
  ).toHaveLength(1);
  expect(bootOf('include "/etc/nftables.d/*.nft"\n', input)).toEqual([]);
  expect(bootOf(own, chain("inet other input", "input"))).toEqual([]);
  expect(bootOf(own, chain("inet filter in", "input"))).toEqual([]);
  expect(bootOf("table inet filter {\n # chain input {\n}\n", input)).toEqual([]);
});

test("tables of bans are their program's", () => {
  for (const place of ["inet f2b-table f2b-chain", "ip crowdsec crowdsec-chain", "inet incus in.incusbr0"])
    expect([place, nftables.rules(around({ chains: [chain(place, "input")] }))]).toEqual([place, undefined]);
});
