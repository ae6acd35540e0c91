import { expect, test } from "bun:test";
import { parseIp } from "../base/ip.ts";
import { withTwoNodes } from "./testing/two-nodes.ts";
import type { Finding, PromiseId, Report } from "./types.ts";
import { verify } from "./verify.ts";

/** Silence has to be waited for: the shorter, the sooner the tests end. A healthy probe takes less than a millisecond. */
const timeoutMs = 300;

const broken = (report: Report): Finding[] => report.findings.filter((f) => !f.ok);
/** `promise proto from>to error`, once each, in order. */
const lines = (report: Report): string[] => [
  ...new Set(broken(report).map((f) => [f.promise, f.proto, `${f.from}>${f.to}`, f.error].filter(Boolean).join(" "))),
];
const counts = (report: Report, id: PromiseId): number[] => {
  const p = report.promises.find((x) => x.id === id);
  return p ? [p.checked, p.broken, p.unchecked] : [];
};
const pairsBlamed = (report: Report): string[] =>
  [...new Set(broken(report).map((f) => [f.from, f.to].sort().join("-")))].sort();

test("a network in order keeps every promise, in both families and every direction", () =>
  withTwoNodes(({ endpoints }) => {
    const report = verify(endpoints);
    expect(lines(report)).toEqual([]);
    // 12 ordered pairs of pods in 2 families; 8 of a pod and a node each way.
    expect(counts(report, "unique-address")).toEqual([12, 0, 0]);
    expect(counts(report, "pod-to-pod")).toEqual([12 * 2 * 3, 0, 0]);
    expect(counts(report, "no-nat")).toEqual([12 * 2 * 3, 0, 0]);
    expect(counts(report, "pod-to-node")).toEqual([8 * 2 * 2, 0, 0]);
    expect(counts(report, "node-to-pod")).toEqual([8 * 2 * 2, 0, 0]);
    expect(counts(report, "full-mtu")).toEqual([12 * 2, 0, 0]);
    expect(report.findings.filter((f) => f.sameNode && f.promise === "full-mtu")).toHaveLength(4 * 2);
    expect(report.findings.filter((f) => f.proto && f.micros === undefined)).toEqual([]);
    expect(report.summary).toMatchObject({ ok: true, pods: 4, nodes: 2, broken: 0, unchecked: 0 });
  }));

test("only what is asked for is probed and told", () =>
  withTwoNodes(({ endpoints }) => {
    let last: number[] = [];
    const onProgress = (done: number, total: number): void => {
      last = [done, total];
    };
    const report = verify(endpoints, { protocols: ["udp"], promises: ["no-nat"], onProgress });
    expect(report.promises.map((p) => [p.id, p.checked])).toEqual([["no-nat", 24]]);
    expect(report.findings.every((f) => f.promise === "no-nat" && f.proto === "udp")).toBe(true);
    expect(last).toEqual([24, 24]);
  }));

test("traffic is carried by the links of the pods: their counters say so", () =>
  withTwoNodes(({ ns, endpoints }) => {
    const received = (): number => {
      const [link] = ns.p3.ipJson<{ stats64: { rx: { packets: number } } }>("-statistics link show eth0");
      return link!.stats64.rx.packets;
    };
    const before = received();
    verify(endpoints, { protocols: ["tcp"], promises: ["pod-to-pod"] });
    // From three pods in two families, at least the SYN and the data of each connection.
    expect(received() - before).toBeGreaterThanOrEqual(12);
  }));

test("a pod without a route is named with ENETUNREACH, and no pair without it is blamed", () =>
  withTwoNodes(({ ns, endpoints }) => {
    ns.p1.ip("route del default via 10.7.1.1");
    const report = verify(endpoints, { timeoutMs });
    expect(lines(report).filter((l) => l.includes("p1>p3"))).toEqual([
      "pod-to-pod tcp p1>p3 ENETUNREACH",
      "pod-to-pod udp p1>p3 ENETUNREACH",
      "pod-to-pod icmp p1>p3 ENETUNREACH",
    ]);
    expect(lines(report).filter((l) => l.startsWith("pod-to-pod udp p3>p1"))).toEqual([
      "pod-to-pod udp p3>p1 the request arrived, its answer did not come back within 0.3 s",
    ]);
    expect(pairsBlamed(report)).toEqual(["n1-p1", "n2-p1", "p1-p3", "p1-p4"]);
    expect(broken(report).every((f) => !f.toIp.includes(":"))).toBe(true);
    expect(counts(report, "full-mtu")).toEqual([20, 0, 4]);
  }));

test("a node that forgot the route to the other's IPv6 pods is told as an unreachable network of IPv6 only", () =>
  withTwoNodes(({ ns, endpoints }) => {
    ns.n1.ip("-6 route del fd07:2::/64");
    const report = verify(endpoints, { timeoutMs, promises: ["pod-to-pod"] });
    expect(pairsBlamed(report)).toEqual(["p1-p3", "p1-p4", "p2-p3", "p2-p4"]);
    expect(broken(report).every((f) => f.toIp.includes(":") && !f.sameNode)).toBe(true);
    expect(lines(report).filter((l) => l.includes("p1>p3"))).toEqual([
      "pod-to-pod tcp p1>p3 ENETUNREACH, says fd07:1::1",
      "pod-to-pod udp p1>p3 ENETUNREACH, says fd07:1::1",
      "pod-to-pod icmp p1>p3 ENETUNREACH, says fd07:1::1",
    ]);
  }));

test("a dropped packet is silence, and said to be", () =>
  withTwoNodes(({ ns, endpoints }) => {
    ns.n2.ip("route add blackhole 10.7.2.2/32");
    const report = verify(endpoints, { timeoutMs, promises: ["pod-to-pod"], protocols: ["tcp", "udp"] });
    expect(lines(report)).toContain("pod-to-pod tcp p1>p3 no answer within 0.3 s");
    expect(lines(report)).toContain("pod-to-pod udp p1>p3 no answer within 0.3 s");
    // On one node the bridge carries it, past the node's routes.
    expect(pairsBlamed(report)).toEqual(["p1-p3", "p2-p3"]);
  }));

test("a prohibit route is told by its errno, and so is an unreachable one", () =>
  withTwoNodes(({ ns, endpoints }) => {
    ns.p1.ip("route add prohibit 10.7.2.2/32");
    ns.p2.ip("route add unreachable 10.7.2.2/32");
    const report = verify(endpoints, { timeoutMs, promises: ["pod-to-pod"] });
    for (const proto of ["tcp", "udp", "icmp"]) {
      expect(lines(report)).toContain(`pod-to-pod ${proto} p1>p3 EACCES`);
      expect(lines(report)).toContain(`pod-to-pod ${proto} p2>p3 EHOSTUNREACH`);
    }
    expect(pairsBlamed(report)).toEqual(["p1-p3", "p2-p3"]);
  }));

test("who refuses on the way is named: an unreachable route on a node", () =>
  withTwoNodes(({ ns, endpoints }) => {
    ns.n1.ip("route add unreachable 10.7.2.2/32");
    const report = verify(endpoints, { timeoutMs, promises: ["pod-to-pod"], protocols: ["udp"] });
    expect(lines(report).filter((l) => l.includes("p1>"))).toEqual([
      "pod-to-pod udp p1>p3 EHOSTUNREACH, says 10.7.1.1",
    ]);
  }));

test("an address held twice is named, and pairs that it makes worthless are left out", () =>
  withTwoNodes(({ ns, endpoints }) => {
    ns.p2.ip("address add 10.7.1.2/24 dev eth0");
    const twice = endpoints.map((e) => (e.name === "p2" ? { ...e, ips: [parseIp("10.7.1.2")] } : e));
    const report = verify(twice, { timeoutMs, protocols: ["tcp"], promises: ["unique-address", "pod-to-pod"] });
    expect(lines(report)).toEqual([
      "unique-address p1>p2 10.7.1.2 is held by p1 and p2",
      "unique-address p2>p1 10.7.1.2 is held by p2 and p1",
    ]);
    // IPv4: only p3 and p4 are left; IPv6: p1, p3, p4, since p2 is not said to have one.
    expect(counts(report, "pod-to-pod")).toEqual([2 + 6, 0, 10]);
  }));

test("an address that the list does not give to a second holder is found all the same", () =>
  withTwoNodes(({ ns, endpoints }) => {
    ns.p4.ip("address add 10.7.1.2/32 dev eth0");
    const report = verify(endpoints, { timeoutMs, promises: ["unique-address"] });
    expect(lines(report)).toEqual(["unique-address p1>p4 10.7.1.2 is held by p1 and p4"]);
  }));

test("an endpoint that does not hold its address is named, with what it holds", () =>
  withTwoNodes(({ ns, endpoints }) => {
    ns.p1.ip("address del 10.7.1.2/24 dev eth0");
    ns.p1.ip("address add 10.7.1.9/24 dev eth0");
    const report = verify(endpoints, { timeoutMs, protocols: ["udp"] });
    expect(lines(report)).toEqual(["unique-address p1>p1 p1 does not hold 10.7.1.2: it holds 10.7.1.9"]);
  }));

test("a link on the way that is too small breaks full-mtu alone, with the path's MTU and who said it", () =>
  withTwoNodes(({ ns, endpoints }) => {
    ns.n1.ip("link set eth0 mtu 1400");
    ns.n2.ip("link set eth0 mtu 1400");
    const report = verify(endpoints, { timeoutMs });
    expect(pairsBlamed(report)).toEqual(["p1-p3", "p1-p4", "p2-p3", "p2-p4"]);
    expect(new Set(broken(report).map((f) => f.promise))).toEqual(new Set<PromiseId>(["full-mtu"]));
    expect(lines(report).filter((l) => l.includes("p1>p3"))).toEqual([
      "full-mtu udp p1>p3 EMSGSIZE: 1500 bytes do not fit, the path takes 1400, says 10.7.1.1",
      "full-mtu udp p1>p3 EMSGSIZE: 1500 bytes do not fit, the path takes 1400, says fd07:1::1",
    ]);
  }));

test("a path that was too small and has been mended is not blamed for what the kernel remembers of it", () =>
  withTwoNodes(({ ns, endpoints }) => {
    for (const mtu of [1400, 1500]) {
      ns.n1.ip(`link set eth0 mtu ${mtu}`);
      ns.n2.ip(`link set eth0 mtu ${mtu}`);
      expect(verify(endpoints, { timeoutMs, promises: ["full-mtu"] }).summary.ok).toBe(mtu === 1500);
    }
    expect(ns.p1.ip("route get 10.7.2.2")).toContain("mtu 1400");
  }));

test("a veth whose other end takes less than the pod sends is told at the pod, and only pairs with it break", () =>
  withTwoNodes(({ ns, endpoints }) => {
    // The bridge's own MTU follows its smallest port until someone sets it.
    for (const mtu of [1499, 1500]) ns.n1.ip(`link set cni0 mtu ${mtu}`);
    ns.n1.ip("link set p2 mtu 1300");
    const report = verify(endpoints, { timeoutMs, promises: ["full-mtu"] });
    expect(lines(report).filter((l) => l.includes("p2>"))).toEqual(
      ["p1", "p3", "p4"].map((to) => `full-mtu udp p2>${to} ENOBUFS: 1500 bytes are dropped as they leave the pod`),
    );
    expect(broken(report).every((f) => f.to === "p2" || f.from === "p2")).toBe(true);
  }));

test("a pod whose interface is down is named, and nobody else", () =>
  withTwoNodes(({ ns, endpoints }) => {
    ns.n2.ip("link set p4 down");
    const report = verify(endpoints, { timeoutMs, protocols: ["icmp"], promises: ["pod-to-pod"] });
    expect(pairsBlamed(report)).toEqual(["p1-p4", "p2-p4", "p3-p4"]);
  }));

test("endpoints that share a namespace are not each other's duplicates", () =>
  withTwoNodes(({ ns, endpoints }) => {
    const onHost = { name: "host-pod", kind: "pod" as const, node: "n1", netns: ns.n1.path, ips: endpoints[4]!.ips };
    expect(lines(verify([...endpoints, onHost], { timeoutMs }))).toEqual([]);
  }));

test("nothing is left in the namespaces: no socket, no connection in TIME-WAIT", () =>
  withTwoNodes(({ ns, endpoints }) => {
    verify(endpoints);
    for (const of of Object.values(ns)) {
      const sockets = of.sh(
        "cat /proc/net/tcp /proc/net/tcp6 /proc/net/udp /proc/net/udp6 /proc/net/raw /proc/net/raw6",
      );
      expect(sockets.split("\n").filter((line) => /^\s*\d+:/.test(line))).toEqual([]);
    }
  }));

test("a namespace that does not exist is a fault, not a finding", () => {
  const ips = [parseIp("10.0.0.1")];
  const endpoint = { name: "x", kind: "pod" as const, node: "n", netns: "/run/netns/no-such-netns", ips };
  expect(() => verify([endpoint])).toThrow('network namespace "/run/netns/no-such-netns": does not exist');
  expect(() => verify([endpoint, endpoint])).toThrow("endpoint name: got x twice");
  expect(() => verify([{ ...endpoint, ips: [] }])).toThrow("endpoint x: got no address");
});
