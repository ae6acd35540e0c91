import { expect, test } from "bun:test";
import fc from "fast-check";
import { concatBytes, unhex } from "../../base/bytes.ts";
import { ipFromBytes } from "../../base/ip.ts";
import { macFromBytes } from "../../base/mac.ts";
import { splitAttrs, writeAttr } from "./attrs.ts";
import { splitMessages, writeMessage } from "./message.ts";
import { address } from "./route/address.ts";
import { link } from "./route/link.ts";
import { neighbour } from "./route/neighbour.ts";
import { route } from "./route/route.ts";
import { rule } from "./route/rule.ts";
import { qdisc, tclass, tfilter } from "./route/tc.ts";

const codecs = { link, address, route, rule, neighbour, qdisc, tclass, tfilter };
const u8 = fc.integer({ min: 0, max: 255 });
const u16 = fc.integer({ min: 0, max: 65535 });
const u32 = fc.integer({ min: 0, max: 0xffffffff });
const bytes = (n: number) => fc.uint8Array({ minLength: n, maxLength: n });
const ip4 = bytes(4).map(ipFromBytes);
const ip6 = bytes(16).map(ipFromBytes);
const ip = fc.oneof(ip4, ip6);
const mac = bytes(6).map(macFromBytes);
const maybe = <T>(a: fc.Arbitrary<T>) => fc.option(a, { nil: undefined });
/** Without the keys that are undefined: absent attributes. */
const some = <T extends object>(shape: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(shape).map((v) => Object.fromEntries(Object.entries(v).filter(([, x]) => x !== undefined)));
const unknown = fc.array(
  fc.record({ type: fc.integer({ min: 200, max: 4000 }), data: fc.uint8Array({ maxLength: 40 }) }),
  { minLength: 1, maxLength: 4 },
);
const name = fc.stringMatching(/^[a-z][a-z0-9._-]{0,14}$/);

test("a route reads back as it was written, with attributes that we do not know", () => {
  const hop = some({
    flags: u8,
    hops: u8,
    ifindex: fc.integer({ min: 0, max: 0x7fffffff }),
    gateway: maybe(ip),
    via: maybe(ip.map((x) => ({ family: 10, ip: x }))),
  });
  const value = some({
    family: u8,
    dstLen: u8,
    srcLen: u8,
    tos: u8,
    tableLow: u8,
    protocol: u8,
    scope: u8,
    type: u8,
    flags: u32,
    dst: maybe(ip),
    src: maybe(ip),
    gateway: maybe(ip),
    oif: maybe(u32),
    table: maybe(u32),
    priority: maybe(u32),
    metrics: maybe(some({ mtu: maybe(u32), advmss: maybe(u32), unknown: maybe(unknown) })),
    multipath: maybe(fc.array(hop, { maxLength: 5 })),
    unknown: maybe(unknown),
  });
  fc.assert(
    fc.property(value, (v) => {
      expect(route.read(route.write(v as Parameters<typeof route.write>[0])) as object).toEqual(v);
    }),
  );
});

test("a link of any kind reads back as it was written, with attributes that we do not know", () => {
  const kind = fc.oneof(
    fc.record({
      kind: fc.constant("vxlan"),
      data: some({ id: maybe(u32), local: maybe(ip4), local6: maybe(ip6), port: maybe(u16), unknown: maybe(unknown) }),
    }),
    fc.record({
      kind: fc.constant("bridge"),
      data: some({ ageingTime: maybe(u32), vlanProtocol: maybe(u16), unknown: maybe(unknown) }),
    }),
    fc.record({ kind: fc.constant("macvlan"), data: some({ mode: maybe(u32), unknown: maybe(unknown) }) }),
    fc.record({ kind: fc.constant("ipvlan"), data: some({ mode: maybe(u16), flags: maybe(u16) }) }),
    fc.record({ kind: fc.constant("vlan"), data: some({ id: maybe(u16), protocol: maybe(u16) }) }),
    fc.record({ kind: fc.constant("dummy"), data: some({ unknown: maybe(unknown) }) }),
    fc.record({
      kind: fc.constant("tun"),
      data: some({ owner: maybe(u32), type: maybe(u8), unknown: maybe(unknown) }),
    }),
    fc.record({ kind: fc.constant("wireguard"), rawData: fc.uint8Array({ minLength: 1, maxLength: 20 }) }),
    fc.record({ kind: fc.constant("veth"), slaveKind: fc.constant("bridge"), port: some({ hairpin: maybe(u8) }) }),
    fc.record({ kind: fc.constant("veth"), slaveKind: fc.constant("vrf"), vrfPort: some({ table: maybe(u32) }) }),
    fc.record({ kind: fc.constant("vrf"), data: some({ table: maybe(u32), unknown: maybe(unknown) }) }),
    fc.record({ kind: fc.constant("veth"), slaveKind: fc.constant("bond"), unknown }),
  );
  const value = some({
    family: u8,
    type: u16,
    index: fc.integer({ min: -0x80000000, max: 0x7fffffff }),
    flags: u32,
    change: u32,
    ifname: maybe(name),
    ifalias: maybe(fc.string({ minLength: 1, maxLength: 60 }).filter((s) => !s.includes("\0"))),
    mtu: maybe(u32),
    address: maybe(mac),
    linkinfo: maybe(kind),
    unknown: maybe(unknown),
  });
  fc.assert(
    fc.property(value, (v) => {
      expect(link.read(link.write(v as Parameters<typeof link.write>[0])) as object).toEqual(v);
    }),
  );
});

test("qdiscs, classes and filters read back as they were written, with attributes that we do not know", () => {
  const rate = fc.record({
    rate: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
    ...{ linklayer: u8, overhead: u16, mpu: u16, cellLog: u8, cellAlign: fc.integer({ min: -32768, max: 32767 }) },
  });
  const head = { family: u8, ifindex: fc.integer({ min: 0, max: 0x7fffffff }), handle: u32, parent: u32, info: u32 };
  const tbf = some({
    ...{ rate, peakrate: rate, limit: u32, buffer: u32, mtu: u32 },
    ...{ burst: maybe(u32), minburst: maybe(u32), unknown: maybe(unknown) },
  });
  const codel = some({ target: maybe(u32), interval: maybe(u32), ecn: maybe(u32), unknown: maybe(unknown) });
  const htb = some({ rate, ceil: rate, buffer: u32, cbuffer: u32, quantum: u32, level: u32, prio: u32 });
  const parms = fc.record({ index: u32, capab: u32, action: u32, refcnt: u32, bindcnt: u32, way: u32, ifindex: u32 });
  const signed = parms.map((p) => ({
    ...p,
    action: p.action | 0,
    refcnt: p.refcnt | 0,
    bindcnt: p.bindcnt | 0,
    way: p.way | 0,
  }));
  const action = fc.oneof(
    fc.record({ kind: fc.constant("mirred"), data: some({ parms: signed, unknown: maybe(unknown) }) }),
    some({ kind: fc.constant("police"), rawData: bytes(8), index: maybe(u32) }),
  );
  const key = fc.record({ mask: u32, value: u32, off: fc.integer({ min: -99, max: 99 }), offmask: fc.constant(0) });
  const selector = fc.record({
    ...{ flags: u8, offshift: u8, offmask: u16, off: u16, offoff: fc.constant(-1), hoff: fc.constant(3), hmask: u32 },
    keys: fc.array(key, { maxLength: 4 }),
  });
  const u32Filter = some({ classid: maybe(u32), sel: selector, act: maybe(fc.array(action, { maxLength: 3 })) });
  const all = { ...head, unknown: maybe(unknown) };
  const values = {
    qdisc: fc.oneof(
      some({ ...all, kind: fc.constant("tbf"), data: tbf }),
      some({ ...all, kind: fc.constant("fq_codel"), data: codel }),
      some({ ...all, kind: fc.constant("cake"), rawData: fc.uint8Array({ maxLength: 20 }) }),
      some({ ...all, kind: fc.constant("clsact") }),
    ),
    tclass: some({ ...all, kind: fc.constant("htb"), data: htb }),
    tfilter: some({ ...all, kind: fc.constant("u32"), chain: maybe(u32), data: u32Filter }),
  };
  for (const [name, value] of Object.entries(values)) {
    const codec = codecs[name as keyof typeof values] as { read(b: Uint8Array): object; write(v: object): Uint8Array };
    fc.assert(
      fc.property(value, (v) => {
        expect(codec.read(codec.write(v))).toEqual(v);
      }),
    );
  }
});

test("no input makes a codec throw or hang: garbage, and garbage in the shape of attributes", () => {
  const attr = fc.tuple(fc.integer({ min: 0, max: 60 }), fc.boolean(), fc.uint8Array({ maxLength: 40 }));
  const shaped = fc
    .tuple(fc.uint8Array({ maxLength: 20 }), fc.array(attr, { maxLength: 8 }))
    .map(([head, list]) =>
      concatBytes([head, ...list.map(([type, nested, data]) => writeAttr(type | (nested ? 0x8000 : 0), data))]),
    );
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), shaped), u16, (b, offset) => {
      for (const codec of Object.values(codecs)) {
        codec.read(b);
        codec.locate(b, offset);
      }
      splitMessages(b);
    }),
    { numRuns: 2000 },
  );
});

test("every prefix of a message reads without an exception", () => {
  const whole = link.write({
    index: 3,
    ifname: "vx0",
    linkinfo: { kind: "vxlan", data: { id: 1, local: ipFromBytes(Uint8Array.of(10, 0, 0, 1)) } },
  });
  for (let n = 0; n <= whole.length; n++) link.read(whole.subarray(0, n));
  expect(link.read(whole.subarray(0, 28)).ifname).toBe("vx0");
  expect(link.read(whole.subarray(0, 27)).linkinfo).toBeUndefined();
});

test("a value too short or too long for its attribute is kept as bytes", () => {
  const wire = concatBytes([
    new Uint8Array(12),
    writeAttr(1, unhex("0a00")), // RTA_DST of two bytes
    writeAttr(6, unhex("01")), // RTA_PRIORITY of one
  ]);
  const value = route.read(wire);
  expect(value.dst).toBeUndefined();
  expect(value.unknown?.map((a) => a.type)).toEqual([1, 6]);
  expect(route.write(value)).toEqual(wire);
});

test("a tunnel's link address of four bytes reads as four", () => {
  const wire = concatBytes([new Uint8Array(16), writeAttr(1, unhex("0a000001"))]);
  expect(String(link.read(wire).address)).toBe("0a:00:00:01");
  expect(link.write(link.read(wire))).toEqual(wire);
});

test("a tunnel's IPv6 end goes into the IPv6 attribute, wherever it was given", () => {
  const local = ipFromBytes(unhex("fd000000000000000000000000000001"));
  const linkinfo = { kind: "vxlan" as const, data: { id: 1, local } };
  expect(link.read(link.write({ linkinfo })).linkinfo).toEqual({ kind: "vxlan", data: { id: 1, local6: local } });
});

test("messages in one datagram split where they were joined", () => {
  const message = fc.record({ type: u16, flags: u16, seq: u32, pid: u32, payload: fc.uint8Array({ maxLength: 33 }) });
  fc.assert(
    fc.property(fc.array(message, { maxLength: 5 }), (ms) => {
      const split = splitMessages(concatBytes(ms.map(writeMessage)));
      expect(split.map((m) => ({ ...m, payload: [...m.payload] }))).toEqual(
        ms.map((m) => ({ ...m, payload: [...m.payload] })),
      );
    }),
  );
});

test("an attribute run ends at the first that claims more than there is", () => {
  expect(splitAttrs(unhex("05000100 aa000000 ff000200 bb")).map((a) => a.type)).toEqual([1]);
  expect(splitAttrs(unhex("03000100 05000200 aa000000"))).toEqual([]); // shorter than its own header
});

test("the kernel's byte offset names the attribute, through nesting", () => {
  const b = link.write({ ifname: "vx0", linkinfo: { kind: "vxlan", data: { id: 1 } } });
  expect(link.locate(b, 3)).toBe("header");
  expect(link.locate(b, 16)).toBe("ifname");
  expect(link.locate(b, 24)).toBe("linkinfo");
  expect(link.locate(b, 28)).toBe("linkinfo.kind");
  expect(link.locate(b, 44)).toBe("linkinfo.data.id");
});
