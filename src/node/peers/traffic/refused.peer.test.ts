import { expect, test } from "bun:test";
import { byId, door, second, timeoutMs, trying, withTwoStations } from "../testing/two-stations.ts";

const ruleset = `
table ip t {
  chain c {
    type filter hook input priority 0
    tcp dport 2379 drop
    udp dport 2379 drop
    tcp dport 2380 reject with icmp type admin-prohibited
    udp dport 2380 reject with icmp type port-unreachable
    tcp dport 2381 reject with tcp reset
  }
  chain out {
    type filter hook output priority 0
    udp sport 4789 drop
  }
}
`;

test("dropped, refused by ICMP and reset by a firewall are told apart, and a lost answer from a lost request", () =>
  withTwoStations(async ({ one, two, b }) => {
    b.sh(`nft -f - <<'END'${ruleset}END`);
    const doors = [
      door(0, "tcp", 2379),
      door(1, "udp", 2379),
      door(2, "tcp", 2380),
      door(3, "udp", 2380),
      door(4, "tcp", 2381),
      door(5, "udp", 2381),
      door(6, "udp", 4789),
    ];
    two.open(doors);
    const ends = byId(await one.tries(trying(doors), timeoutMs));
    expect(ends.slice(0, 5)).toEqual([
      { id: 0, outcome: "silent" },
      { id: 1, outcome: "silent" },
      { id: 2, outcome: "refused", icmp: { type: 3, code: 13 }, by: second },
      { id: 3, outcome: "refused", icmp: { type: 3, code: 3 }, by: second },
      { id: 4, outcome: "reset" },
    ]);
    expect(ends.slice(5).map((e) => e.outcome)).toEqual(["answered", "silent"]);
    expect(two.arrived().sort()).toEqual([5, 6]);
  }));
