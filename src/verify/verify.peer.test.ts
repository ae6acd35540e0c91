import { expect, test } from "bun:test";
import { run } from "../kernel/testing/run.ts";
import { renderJunit } from "./render-junit.ts";
import { type TwoNodes, withTwoNodes } from "./testing/two-nodes.ts";
import type { Report } from "./types.ts";
import { verify } from "./verify.ts";

const timeoutMs = 300;
const nft = (ns: TwoNodes["ns"]["n1"], table: string): void => {
  run(["nsenter", `--net=${ns.path}`, "nft", "-f", "-"], { input: table });
};
const lines = (report: Report): string[] =>
  report.findings.filter((f) => !f.ok).map((f) => `${f.promise} ${f.proto} ${f.from}>${f.to} ${f.error}`);

test("a masquerade rule that takes pod traffic too breaks no-nat alone, with the address that was seen", () =>
  withTwoNodes(({ ns, endpoints }) => {
    nft(
      ns.n1,
      `table ip t {
         chain c {
           type nat hook postrouting priority 100;
           ip saddr 10.7.1.0/24 oif eth0 masquerade
         }
       }`,
    );
    const report = verify(endpoints, { timeoutMs });
    expect(lines(report).sort()).toEqual(
      ["tcp", "udp", "icmp"]
        .flatMap((proto) =>
          ["p1>p3", "p1>p4", "p2>p3", "p2>p4"].map((pair) => {
            const own = pair.startsWith("p1") ? "10.7.1.2" : "10.7.1.3";
            return `no-nat ${proto} ${pair} server saw 192.168.7.1, want ${own}: the address was translated`;
          }),
        )
        .sort(),
    );
  }));

test("a DNAT rule that leads to another pod is told by the name of who answers", () =>
  withTwoNodes(({ ns, endpoints }) => {
    nft(
      ns.n2,
      `table ip t {
         chain c {
           type nat hook prerouting priority -100;
           iif eth0 ip daddr 10.7.2.2 meta l4proto { tcp, udp } dnat to 10.7.2.3
         }
       }`,
    );
    const report = verify(endpoints, { timeoutMs, promises: ["pod-to-pod"] });
    expect(lines(report).sort()).toEqual(
      ["tcp", "udp"].flatMap((proto) =>
        ["p1>p3", "p2>p3"].map((pair) => `pod-to-pod ${proto} ${pair} p4 answers in place of p3`),
      ),
    );
  }));

test("one protocol that is rejected or dropped on the way is blamed, and the others are not", () =>
  withTwoNodes(({ ns, endpoints }) => {
    nft(
      ns.n2,
      `table ip t {
         chain c {
           type filter hook forward priority 0;
           iifname eth0 ip daddr 10.7.2.2 meta l4proto udp reject with icmp type admin-prohibited
           iifname eth0 ip daddr 10.7.2.3 tcp flags syn / syn,ack drop
         }
       }`,
    );
    const report = verify(endpoints, { timeoutMs, promises: ["pod-to-pod"] });
    expect(lines(report).sort()).toEqual([
      "pod-to-pod tcp p1>p4 no answer within 0.3 s",
      "pod-to-pod tcp p2>p4 no answer within 0.3 s",
      "pod-to-pod udp p1>p3 EHOSTUNREACH, says 192.168.7.2",
      "pod-to-pod udp p2>p3 EHOSTUNREACH, says 192.168.7.2",
      "pod-to-pod udp p3>p1 the request arrived, its answer did not come back within 0.3 s",
      "pod-to-pod udp p3>p2 the request arrived, its answer did not come back within 0.3 s",
    ]);
  }));

test("a path whose ICMP is filtered swallows large packets: a black hole", () =>
  withTwoNodes(({ ns, endpoints }) => {
    for (const name of ["n1", "n2"] as const) {
      ns[name].ip("link set eth0 mtu 1400");
      nft(
        ns[name],
        "table ip t {\nchain c {\ntype filter hook output priority 0;\nicmp type destination-unreachable drop\n}\n}",
      );
    }
    const ipv4 = endpoints.map((e) => ({ ...e, ips: e.ips.slice(0, 1) }));
    const report = verify(ipv4, { timeoutMs });
    expect(new Set(report.findings.filter((f) => !f.ok).map((f) => f.promise))).toEqual(new Set(["full-mtu"] as const));
    expect(lines(report)[0]).toContain("a black hole for large packets");
  }));

test("the JUnit report is XML that a parser takes, whatever the names", () =>
  withTwoNodes(({ endpoints }) => {
    const odd = endpoints.map((e) => ({ ...e, name: `${e.name}<&"'\u0001노드>` }));
    const xml = renderJunit(verify(odd, { promises: ["pod-to-pod"], protocols: ["tcp"] }));
    const count =
      "import sys,xml.etree.ElementTree as e; t=e.parse(sys.stdin.buffer).getroot(); print(len(t.findall('.//testcase')), t.find('.//testcase').get('name'))";
    const parsed = run(["python3", "-c", count], { input: xml, env: { PYTHONIOENCODING: "utf-8" } });
    expect(parsed.trim()).toBe(`24 p1<&"'노드> (10.7.1.2) to p2<&"'노드> (10.7.1.3)`);
  }));
