import { expect, test } from "bun:test";
import { type Ip, parseIp } from "../../../base/ip.ts";
import type { Finding } from "../../check.ts";
import { portRows } from "../../ports/ports.ts";
import type { Found, PathOne, PeerNode, TriedOne } from "../run/found.ts";
import { answeredCheck } from "./answered.ts";
import { clockSkewCheck, spanText } from "./clock-skew.ts";
import { pathMtuCheck } from "./path-mtu.ts";
import { portsReachedCheck } from "./ports-reached.ts";
import { protocolsCheck } from "./protocols.ts";

const address = (n: number): Ip => parseIp(`10.0.0.${n + 1}`);
const node = (n: number, offset = 0, mtu = 1500): PeerNode => ({
  label: `node${n + 1}`,
  clock: { offset, trip: 1 },
  facts: {
    talk: 1,
    version: "0",
    node: `node${n + 1}`,
    roles: n === 0 ? ["control-plane", "etcd"] : ["worker"],
    addresses: [address(n)],
    identity: { hostname: `node${n + 1}`, sshHostKeys: [], macs: [], addresses: [] },
    links: [{ name: "eth0", mtu, addresses: [address(n)] }],
  },
});
const found = (over: Partial<Found>): Found => ({
  nodes: [node(0), node(1), node(2)],
  networks: ["vxlan"],
  tried: [],
  paths: [],
  apart: [],
  lost: [],
  ...over,
});

let last = 0;
type End = NonNullable<TriedOne["end"]>;
const tried = (
  from: number,
  to: number,
  rowId: string,
  end: Omit<End, "id">,
  over: Partial<TriedOne> = {},
): TriedOne => {
  const row = portRows.find((r) => r.id === rowId)!;
  const id = ++last;
  return {
    id,
    door: id,
    row,
    from,
    to,
    protocol: row.protocol,
    ip: address(to),
    port: row.ports[0],
    state: { id, state: "open" },
    arrived: false,
    end: { id, ...end },
    ...over,
  };
};
const lines = (findings: readonly Finding[]): string[] =>
  findings.map((f) => `${f.outcome} ${f.subject ?? ""}: ${f.seen}`);
const reached = (...all: TriedOne[]): string[] => lines(portsReachedCheck.run(found({ tried: all })));

const silent = { outcome: "silent" } as const;

test("nodes that do not reach the same, and ports that the same nodes do not reach, are one finding with one command", () => {
  const all = [1, 2].flatMap((from) => ["kube-apiserver", "kubelet"].map((row) => tried(from, 0, row, silent)));
  const [one, ...rest] = portsReachedCheck.run(found({ tried: all }));
  expect(rest).toEqual([]);
  expect(one).toMatchObject({
    outcome: "fail",
    subject: "node2, node3 -> node1",
    seen: "tcp/6443, tcp/10250: no answer (dropped)",
    fix: {
      command: "podwire node firewall --role control-plane --network vxlan --apply   # on node1",
      undo: "podwire node firewall --remove   # on node1",
    },
  });
});

test("each way of not being reached has its own words", () => {
  const refused = (type: number, code: number, by?: Ip) =>
    ({ outcome: "refused", icmp: { type, code }, ...(by ? { by } : {}) }) as const;
  const seen = (end: Omit<End, "id">, over: Partial<TriedOne> = {}, row = "kubelet"): string =>
    reached(tried(0, 1, row, end, over))[0]!.replace("node1 -> node2: ", "");
  const taken = (by: string) => ({ state: { id: 0, state: "taken", by } }) as const;
  expect(seen({ outcome: "reset" })).toBe("fail tcp/10250: reset by a firewall");
  expect(seen({ outcome: "reset" }, taken("kubelet"))).toContain("kubelet has the port, but not at this address");
  expect(seen(refused(3, 13))).toBe("fail tcp/10250: refused by a firewall (ICMP admin prohibited)");
  expect(seen(refused(3, 3, parseIp("10.0.0.254")))).toContain("(ICMP port unreachable, says 10.0.0.254)");
  expect(seen(refused(3, 1, parseIp("10.0.0.1")))).toContain("no way there (ICMP host unreachable, says 10.0.0.1)");
  expect(seen({ outcome: "stranger" })).toContain("somebody else answers");
  expect(seen({ outcome: "cannot", errno: "EPERM" })).toContain("the sender's own firewall");
  expect(seen(silent, { arrived: true }, "node-ports-udp")).toBe(
    "warn udp/30000-32767: it arrives, but the answer does not come back: dropped on its way out there, or on its way in here",
  );
  expect(seen(silent, { arrived: true }, "vxlan")).toBe("ok : 1 of 1 ways reached");
  expect(seen(silent, taken("flanneld"), "vxlan")).toMatch(/^unknown .* only root sees what arrives there$/);
  expect(seen(silent, { state: { id: 0, state: "taken", overheard: true } }, "vxlan")).toContain("no answer (dropped)");
  expect(seen(silent, { ...taken("flanneld"), arrived: true }, "vxlan")).toBe("ok : 1 of 1 ways reached");
  expect(seen(silent, { state: { id: 0, state: "cannot", by: "EACCES" }, end: undefined as never })).toBe(
    "unknown tcp/10250: node2 cannot open it (EACCES), needs root there",
  );
});

test("what only clients want may be closed to nodes on purpose", () => {
  expect(reached(tried(0, 1, "node-ports-tcp", silent))).toEqual([
    "warn node1 -> node2: tcp/30000-32767: no answer (dropped)",
  ]);
});

test("an IP protocol is judged apart from ports, and not at all when nothing needs it", () => {
  const all = [tried(0, 1, "calico-ipip", silent), tried(1, 0, "calico-ipip", { outcome: "answered" })];
  expect(lines(protocolsCheck.run(found({ tried: all })))).toEqual(["fail node1 -> node2: ip/4: no answer (dropped)"]);
  expect(reached(...all)).toEqual([]);
  expect(protocolsCheck.run(found({ tried: [tried(0, 1, "kubelet", silent)] }))).toEqual([]);
});

const path = (from: number, to: number, largest: number, said?: { mtu: number; by?: Ip }): PathOne => ({
  from,
  to,
  family: 4,
  found: { id: 1, link: 1500, linkName: "eth0", largest, ...(said ? { said } : {}) },
});

test("a narrow path says what pods may send, and whether anybody tells", () => {
  const mtu = (...paths: PathOne[]) => pathMtuCheck.run(found({ paths }));
  expect(lines(mtu(path(0, 1, 1500)))).toEqual([
    "ok : 1500 bytes on every path; pods that send no more than 1450 (VXLAN takes 50)",
  ]);
  const [black, ...rest] = mtu(path(0, 1, 1400), path(2, 1, 1400), path(1, 0, 1500));
  expect(rest).toEqual([]);
  expect(black).toMatchObject({ outcome: "fail", subject: "node1, node3 -> node2" });
  expect(black?.want).toContain("pods that send no more than 1350 (VXLAN takes 50)");
  expect(black?.fix?.command).toBe("ip link set dev eth0 mtu 1400   # on node1, node3");
  const [told] = mtu(path(0, 1, 1400, { mtu: 1400, by: parseIp("10.0.0.254") }));
  expect([told?.outcome, told?.seen]).toEqual([
    "warn",
    "1400 bytes arrive, eth0 promises 1500: a router says so (10.0.0.254)",
  ]);
});

test("where the other end's link is the narrow one, that is the one to widen", () => {
  const nodes = [node(0), node(1, 0, 1400), node(2)];
  const [one] = pathMtuCheck.run(found({ nodes, paths: [path(0, 1, 1404), path(2, 1, 1404)] }));
  expect(one?.seen).toContain("1400 bytes arrive, eth0 promises 1500");
  expect(one?.fix).toMatchObject({
    command: "ip link set dev eth0 mtu 1500   # on node2",
    undo: "ip link set dev eth0 mtu 1400   # on node2",
  });
});

const hour = 3_600_000;

test("the clock that most agree with is right, also when it is not that of the one who coordinates", () => {
  const skew = (...offsets: number[]) => lines(clockSkewCheck.run(found({ nodes: offsets.map((o, i) => node(i, o)) })));
  expect(skew(0, 12, -3)).toEqual(["ok : at most 12 ms apart"]);
  expect(skew(0, hour, hour + 5)).toEqual(["fail node1: 1 h 0 min behind node2"]);
  expect(skew(0, 2000, 4)).toEqual(["warn node2: 2.0 s ahead of node1"]);
  expect(skew(0, 3 * hour)).toEqual(["fail node2: 3 h 0 min ahead of node1"]);
  expect(skew(0)).toEqual([]);
  expect([999, 61_000, 50 * 24 * hour].map(spanText)).toEqual(["999 ms", "1 min 1 s", "50 days 0 h"]);
});

test("who did not come, or went, is named", () => {
  const lost = [{ who: "node3", why: "no answer of 10.0.0.3:4711: the connection was closed" }];
  expect(lines(answeredCheck.run(found({ lost })))).toEqual([`fail node3: ${lost[0]!.why}`]);
  expect(lines(answeredCheck.run(found({ expected: 4 })))).toEqual(["fail : 2 of 4 other nodes came"]);
  expect(lines(answeredCheck.run(found({ expected: 2 })))).toEqual(["ok : 3 nodes"]);
});
