import { expect, test } from "bun:test";
import { read, testLabs } from "../../../lab/testing/labs.ts";
import { complaints } from "../../../node/peers/testing/nodes.ts";

const rules: readonly (readonly [string, string, readonly string[]])[] = [
  ["udp dport 8472 drop", "a dropped UDP port", ["F2 fail node1, node3 -> node2: udp/8472: no answer (dropped)"]],
  [
    "ip saddr 192.168.50.1 tcp dport 10250 drop",
    "a TCP port that one node alone may not reach",
    ["F2 fail node1 -> node2: tcp/10250: no answer (dropped)"],
  ],
  [
    "tcp dport 10250 ip saddr != 192.168.50.2 reject with icmp type admin-prohibited",
    "a TCP port that is refused by ICMP",
    ["F2 fail node1, node3 -> node2: tcp/10250: refused by a firewall (ICMP admin prohibited)"],
  ],
  [
    "tcp dport { 10250, 10256 } ip saddr != 192.168.50.2 reject with tcp reset",
    "TCP ports that are reset",
    ["F2 fail node1, node3 -> node2: tcp/10250, tcp/10256: reset by a firewall"],
  ],
  ["ip protocol 4 drop", "IP in IP", ["F9 fail node1, node3 -> node2: ip/4: no answer (dropped)"]],
];

test("what a firewall of one node keeps out is found between exactly those nodes, and said as it is", async () => {
  await using labs = testLabs();
  const name = labs.name("fw");
  await labs.lab("up", "--name", name, "--nodes", "3", "--pods", "0");
  const inside = (...words: string[]) => read("ip", "netns", "exec", `${name}-node2`, "nft", words.join(" "));
  const check = () => labs.lab("check", "--name", name, "--peers", "--network", "vxlan,calico", "-o", "json");
  for (const [rule, what, wanted] of rules) {
    await inside("table ip t { chain c { type filter hook input priority 0;", `${rule};`, "}; }");
    const { exit, out } = await check();
    expect([what, exit, complaints(out)]).toEqual([what, 1, [...wanted]]);
    await inside("delete table ip t");
  }
  expect((await check()).exit).toBe(0);
}, 120_000);
