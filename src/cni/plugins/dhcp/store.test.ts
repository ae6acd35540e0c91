/** Leases on disk and on the socket: what is written is read again, and what is damaged harms no other. */
import { describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import type { Ip } from "../../../base/ip.ts";
import type { Mac } from "../../../base/mac.ts";
import { decodeLease, encodeLease, isOther, type Lease } from "./lease.ts";
import { decodeQuestion, decodeReply, encodeQuestion, encodeReply, type Question } from "./protocol.ts";
import { hasStore, leaseDir, lockStore } from "./store.ts";

const options = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 254 }), fc.uint8Array({ minLength: 1, maxLength: 20 })))
  .map((list) => new Map(list.sort(([a], [b]) => a - b)));
const time = fc.oneof(fc.nat(), fc.constant(Number.POSITIVE_INFINITY));
const leases: fc.Arbitrary<Lease> = fc.record(
  {
    network: fc.constantFrom("lan", "lan2"),
    containerId: fc.constantFrom("a", "b.c", "d_e-f"),
    ifname: fc.constantFrom("eth0", "net1"),
    bootId: fc.uuid(),
    link: fc.record({
      netns: fc.constant("/run/netns/x"),
      netnsId: fc.constant("4:77"),
      index: fc.integer({ min: 1, max: 99 }),
      mac: fc.constant("02:00:00:00:00:01" as Mac),
    }),
    wants: fc.record({ provide: options, request: fc.array(fc.nat(255)) }),
    grant: fc.record({
      address: fc.constant("10.7.0.5" as Ip),
      server: fc.constant("10.7.0.1" as Ip),
      serverMac: fc.constant("02:00:00:00:00:02" as Mac),
      obtainedAt: fc.nat(),
      renewAt: time,
      rebindAt: time,
      expiresAt: time,
      options,
    }),
    lost: fc.constant("taken back"),
  },
  { requiredKeys: ["network", "containerId", "ifname", "bootId", "link", "wants", "grant"] },
);

const withFolder = (act: (socket: string, dir: string) => void): void => {
  const dir = mkdtempSync(join(tmpdir(), "podwire-dhcp-"));
  try {
    act(join(dir, "dhcp.sock"), dir);
  } finally {
    rmSync(dir, { recursive: true });
  }
};
const none = (): void => {};

describe("a lease", () => {
  test("reads as it was written, as JSON and in an answer", () => {
    fc.assert(
      fc.property(leases, (lease) => {
        expect(decodeLease(JSON.parse(JSON.stringify(encodeLease(lease))), "x")).toEqual(lease);
        expect(decodeReply(encodeReply({ lease }))).toEqual(lease);
      }),
    );
  });
  test("is another's by network, container and interface", () => {
    const valid = [{ containerId: "a", ifname: "eth0" }];
    const of = (network: string, containerId: string, ifname: string) =>
      isOther({ network, containerId, ifname }, "lan", valid);
    expect([of("lan", "a", "eth0"), of("lan", "a", "net1"), of("lan", "b", "eth0"), of("lan2", "b", "eth0")]).toEqual([
      ...[false, true, true, false],
    ]);
  });
});

describe("the store", () => {
  const [lease] = fc.sample(leases, { numRuns: 1, seed: 1 }) as [Lease];

  test("keeps, finds and removes; what is not there is no trouble", () =>
    withFolder((socket) => {
      expect(hasStore(socket)).toBe(false);
      using store = lockStore(socket, true, none)!;
      expect([store.load(), store.find(lease)]).toEqual([[], undefined]);
      store.save(lease);
      store.save({ ...lease, lost: "later" });
      expect(store.load()).toEqual([{ ...lease, lost: "later" }]);
      expect(store.find(lease)?.lost).toBe("later");
      expect(hasStore(socket)).toBe(true);
      for (const _ of [1, 2]) store.remove(lease);
      expect(store.load()).toEqual([]);
      expect(statSync(leaseDir(socket)).mode & 0o777).toBe(0o700);
    }));

  test("has one lock, which another gets when it is given back", () =>
    withFolder((socket) => {
      const store = lockStore(socket, true, none)!;
      expect(lockStore(socket, true, none)).toBeUndefined();
      store[Symbol.dispose]();
      lockStore(socket, true, none)![Symbol.dispose]();
    }));

  test("leaves aside what is damaged, and what a crash left half written, with a word", () =>
    withFolder((socket) => {
      const said: string[] = [];
      using store = lockStore(socket, true, (line) => said.push(line))!;
      store.save(lease);
      const folder = join(leaseDir(socket), lease.network);
      const [name = ""] = readdirSync(folder);
      writeFileSync(join(folder, `${name}.new`), '{"network":');
      writeFileSync(join(folder, "broken:eth0.json"), '{"network":');
      writeFileSync(join(leaseDir(socket), "a file"), "");
      expect(store.load()).toEqual([lease]);
      expect(said.length).toBe(1);
      expect(said[0]).toContain("broken:eth0.json is left aside: ");
    }));

  test("lies beside the socket, whatever that is called", () => {
    expect([leaseDir("/run/cni/dhcp.sock"), leaseDir("/run/x")]).toEqual(["/run/cni/dhcp", "/run/x.d"]);
  });
});

describe("a question", () => {
  const holder = { network: "lan", containerId: "a", ifname: "eth0" };
  const all: Question[] = [
    { op: "acquire", holder, netns: "/x", provide: new Map([[12, Uint8Array.of(1, 2)]]), request: [1, 3] },
    { op: "show", holder },
    { op: "release", holder },
    { op: "keep", network: "lan", valid: [{ containerId: "a", ifname: "eth0" }] },
    { op: "keep", network: "lan", valid: [] },
    { op: "status" },
  ];
  for (const question of all)
    test(`reads as it was written: ${encodeQuestion(question).trim()}`, () => {
      expect(encodeQuestion(question)).toMatch(/^[^\n]+\n$/);
      expect(decodeQuestion(encodeQuestion(question))).toEqual(question);
    });
  const wrong: Record<string, RegExp> = {
    "CONNECT /_goRPC_ HTTP/1.0": /question:1:1/,
    "{}": /question\.op/,
    '{"op":"dance"}': /dance/,
    '{"op":"keep","network":"lan"}': /question\.valid/,
    '{"op":"show","network":"lan"}': /question\.containerId/,
  };
  for (const [line, words] of Object.entries(wrong))
    test(`refused: ${line}`, () => {
      expect(() => decodeQuestion(line)).toThrow(words);
    });
  test("an answer's fault is thrown as it was", () => {
    const fault = { kind: "no-answer", who: "DHCP server", why: "none", fix: "tcpdump" } as const;
    expect(() => decodeReply(encodeReply({ fault }))).toThrow("no DHCP server: none");
    expect(decodeReply(encodeReply({}))).toBeUndefined();
  });
});
