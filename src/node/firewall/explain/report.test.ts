import { expect, test } from "bun:test";
import type { Expr } from "../../../kernel/codec/nft/expressions.ts";
import { match, protocol, th, verdict } from "../../../net/nft/build.ts";
import { portKey } from "../../../net/nft/keys.ts";
import { simulateAnswer } from "../simulate/answer.ts";
import { simulate } from "../simulate/simulate.ts";
import { base, type MadeTable, madeRuleset } from "../testing/made.ts";
import { packetOf, parseQuestion } from "./question.ts";
import { explanation, explanationText } from "./report.ts";

const told = (tables: readonly MadeTable[], question: string) => {
  const ruleset = madeRuleset(tables);
  const packet = packetOf(ruleset, parseQuestion([question]));
  const v = simulate(ruleset, packet);
  return explanation(ruleset, packet, v, simulateAnswer(ruleset, packet, v));
};
const text = (tables: readonly MadeTable[], question: string): string =>
  explanationText(told(tables, question), { color: false, wide: false });

const dport = (n: number): Expr[] => [...protocol("tcp"), ...match(th.dport, portKey(n))];
const chain = (policy: "accept" | "drop", ...rules: (readonly Expr[])[][]) => ({
  base: base("input", { policy }),
  rules,
});

test("a rule of nf_tables is named with its place and its words, and mended before it", () => {
  expect(
    text(
      [{ family: "inet", chains: { in: chain("accept", [dport(6443), verdict("drop")]) } }],
      "tcp/6443 from 10.0.0.5",
    ),
  ).toBe(`✗ dropped: tcp/6443 from 10.0.0.5 to 10.0.0.1
by someone, inet t in rule 1
  tcp dport 6443 drop

HOOK   PRIORITY  CHAIN      KEPT IN    SAID  IN CHAIN
input         0  inet t in  nf_tables  drop

to let it in:  nft insert rule inet t in ip saddr 10.0.0.5 tcp dport 6443 accept
`);
});

test("each who keeps it out has words of its own", () => {
  const mend = (tables: readonly MadeTable[], question = "tcp/6443 from 10.0.0.5") => told(tables, question).mend;
  const iptables = (name: string, jump?: string): MadeTable => ({
    name: "filter",
    backend: "iptables-nft",
    chains: {
      [name]: chain("drop", ...(jump === undefined ? [] : [[verdict("jump", jump)]])),
      ...(jump !== undefined && { [jump]: { rules: [[dport(22), verdict("drop")]] } }),
    },
  });
  expect(mend([iptables("INPUT")])).toBe("iptables -I INPUT -s 10.0.0.5 -p tcp --dport 6443 -j ACCEPT");
  expect(mend([{ ...iptables("INPUT"), backend: "iptables-legacy" }])).toStartWith("iptables-legacy -I INPUT");
  expect(mend([iptables("INPUT", "ufw-user-input")])).toBe("ufw allow from 10.0.0.5 to any port 6443 proto tcp");
  expect(mend([iptables("INPUT", "ufw-user-input")], "tcp/22 from 10.0.0.5")).toStartWith("ufw insert 1 allow");
  expect(mend([iptables("INPUT", "f2b-sshd")], "tcp/22 from 10.0.0.5")).toBe(
    "fail2ban-client set sshd unbanip 10.0.0.5",
  );
  const zone = { name: "firewalld", family: "inet" as const };
  const refuses = { filter_IN_public: { rules: [[verdict("drop")]] } };
  expect(mend([{ ...zone, chains: { ...refuses, in: chain("accept", [verdict("jump", "filter_IN_public")]) } }])).toBe(
    "firewall-cmd --zone=public --add-rich-rule='rule family=ipv4 source address=10.0.0.5 port port=6443 protocol=tcp accept'",
  );
});

test("what depends on something says on what, and how it can end", () => {
  const limit: Expr[] = [{ name: "limit", rate: 5, unit: 60, burst: 5, type: 0, flags: 0 }];
  const said = text([{ chains: { in: chain("drop", [limit, verdict("accept")]) } }], "tcp/22 from 10.0.0.5");
  expect(said).toContain("? cannot tell: tcp/22 from 10.0.0.5");
  expect(said).toContain("a limit of packets in a time");
  expect(said).toContain("✗ dropped by someone, ip t in: policy drop");
});

test("a packet whose answer is kept back says so", () => {
  const out: MadeTable = { chains: { out: { base: base("output", { policy: "drop" }), rules: [] } } };
  expect(text([out], "tcp/22 from 10.0.0.5")).toContain("but the answer is ✗ dropped by someone, ip t out");
});

test("as JSON it has a version and a kind", () => {
  expect(told([], "tcp/22 from 10.0.0.5")).toMatchObject({
    apiVersion: "podwire.dev/v1alpha1",
    kind: "FirewallExplanation",
    fate: "accepted",
    to: { local: true },
    answer: { fate: "accepted" },
  });
});
