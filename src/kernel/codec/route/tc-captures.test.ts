/** What `tc` 6.1 sent to the kernel, byte for byte, read and written again. */
import { expect, test } from "bun:test";
import { hex, unhex } from "../../../base/bytes.ts";
import { splitMessages } from "../message.ts";
import { qdisc, tclass, tfilter } from "./tc.ts";

interface Codec {
  read(b: Uint8Array): object;
  write(v: never): Uint8Array;
}

/** Type, flags and value of the one message of a capture. Writing it again gives as many bytes, which read the same. */
const reads = (codec: Codec, ...lines: string[]): { type: number; flags: number; value: object } => {
  const [m, ...more] = splitMessages(unhex(lines.join("")));
  if (!m || more.length > 0) throw new Error("not one message");
  const value = codec.read(m.payload);
  const again = codec.write(value as never);
  expect(again.length).toBe(m.payload.length);
  expect(codec.read(again)).toEqual(value);
  return { type: m.type, flags: m.flags, value };
};

/** `tc` still sends tables of 256 times; kernels since 3.8 pass over them. The times are zeros here. */
const table = (type: string): string => `0404${type}00${"00".repeat(1024)}`;
const zeros = (type: number) => ({ type, data: new Uint8Array(1024) });

test("tc qdisc add dev ifb0 root handle 1: tbf rate 10mbit burst 10000 limit 20000 peakrate 100gbit mtu 3000", () => {
  expect(
    reads(
      qdisc,
      "7c080000 2400 0506 90aa0a6b 00000000", // RTM_NEWQDISC, request ack excl create
      "00000000 04000000 00000100 ffffffff 00000000", // tcmsg: index 4, handle 1:, parent TC_H_ROOT
      "0800 0100 74626600", // TCA_KIND tbf
      "5008 0200", // TCA_OPTIONS
      "2800 0100", //   TCA_TBF_PARMS
      "04 01 0000 ffff 0000 d0121300", //     rate: cell_log, linklayer, overhead, cell_align, mpu, 1250000 bytes/s
      "04 01 0000 ffff 0000 ffffffff", //     peakrate: more than 32 bits
      "204e0000 48e80100 00000000", //     limit, buffer in ticks, mtu in ticks
      "0800 0600 10270000", //   TCA_TBF_BURST
      table("02"), //   TCA_TBF_RTAB
      "0c00 0500 00dd0ee902000000", //   TCA_TBF_PRATE64
      "0800 0700 b80b0000", //   TCA_TBF_PBURST
      table("03"), //   TCA_TBF_PTAB
    ),
  ).toEqual({
    type: 36,
    flags: 0x605,
    value: {
      ...{ family: 0, ifindex: 4, handle: 0x10000, parent: 0xffffffff, info: 0, kind: "tbf" },
      data: {
        rate: { cellLog: 4, linklayer: 1, overhead: 0, cellAlign: -1, mpu: 0, rate: 1_250_000 },
        peakrate: { cellLog: 4, linklayer: 1, overhead: 0, cellAlign: -1, mpu: 0, rate: 12_500_000_000 },
        ...{ limit: 20_000, buffer: 125_000, mtu: 0, burst: 10_000, minburst: 3000 },
        unknown: [zeros(2), zeros(3)],
      },
    },
  });
});

test("tc qdisc add dev ifb0 parent 1:1 handle 10: fq_codel target 5ms interval 100ms limit 100 noecn", () => {
  const lines = [
    "58000000 2400 0506 90aa0a6b 00000000",
    "00000000 04000000 00001000 01000100 00000000", // tcmsg: handle 10:, parent 1:1
    "0d00 0100 66715f636f64656c00 000000", // TCA_KIND fq_codel
    "2400 0200", // TCA_OPTIONS
    "0800 0200 64000000", //   TCA_FQ_CODEL_LIMIT
    "0800 0300 a0860100", //   TCA_FQ_CODEL_INTERVAL
    "0800 0100 88130000", //   TCA_FQ_CODEL_TARGET
    "0800 0400 00000000", //   TCA_FQ_CODEL_ECN
  ];
  const { value } = reads(qdisc, ...lines);
  expect(value).toEqual({
    ...{ family: 0, ifindex: 4, handle: 0x100000, parent: 0x10001, info: 0, kind: "fq_codel" },
    data: { limit: 100, interval: 100_000, target: 5000, ecn: 0 },
  });
  expect(hex(qdisc.write(value))).toBe(hex(unhex(lines.join("")).slice(16)));
});

test("tc qdisc add dev v0 root handle 2: htb default 30 r2q 10", () => {
  expect(
    reads(
      qdisc,
      "48000000 2400 0506 90aa0a6b 00000000",
      "00000000 03000000 00000200 ffffffff 00000000",
      "0800 0100 68746200",
      "1c00 0200 1800 0200", // TCA_OPTIONS, TCA_HTB_INIT
      "03000000 0a000000 30000000 00000000 00000000", //   version, rate2quantum, defcls, debug, direct_pkts
    ).value,
  ).toMatchObject({
    kind: "htb",
    data: { init: { version: 3, rate2quantum: 10, defaultClass: 0x30, debug: 0, directPackets: 0 } },
  });
});

test("tc class add dev v0 parent 2: classid 2:30 htb rate 1mbit ceil 40gbit burst 5000 cburst 6000 quantum 3000 prio 3", () => {
  expect(
    reads(
      tclass,
      "74080000 2800 0506 90aa0a6b 00000000", // RTM_NEWTCLASS
      "00000000 03000000 30000200 00000200 00000000", // tcmsg: handle 2:30, parent 2:
      "0800 0100 68746200",
      "4808 0200",
      "0c00 0700 00f2052a01000000", //   TCA_HTB_CEIL64
      "3000 0100", //   TCA_HTB_PARMS
      "03 01 0000 ffff 0000 48e80100", //     rate 125000 bytes/s
      "03 01 0000 ffff 0000 ffffffff", //     ceil
      "68890900 0f000000 b80b0000 00000000 03000000", //     buffer, cbuffer, quantum, level, prio
      table("04"), //   TCA_HTB_RTAB
      table("03"), //   TCA_HTB_CTAB
    ),
  ).toMatchObject({
    type: 40,
    value: {
      ...{ ifindex: 3, handle: 0x20030, parent: 0x20000, kind: "htb" },
      data: {
        ...{ rate: { rate: 125_000 }, ceil: { rate: 5_000_000_000 }, buffer: 625_000, cbuffer: 15 },
        ...{ quantum: 3000, level: 0, prio: 3 },
      },
    },
  });
});

test("tc qdisc add dev v0 clsact: a kind without options", () => {
  expect(
    reads(
      qdisc,
      "30000000 2400 0506 90aa0a6b 00000000",
      "00000000 03000000 0000ffff f1ffffff 00000000", // tcmsg: handle ffff:, parent TC_H_CLSACT
      "0b00 0100 636c7361637400 00",
    ).value,
  ).toEqual({ family: 0, ifindex: 3, handle: 0xffff0000, parent: 0xfffffff1, info: 0, kind: "clsact" });
});

test("tc filter add dev v0 ingress protocol ip pref 7 u32 match ip dst 10.0.0.0/8 flowid 1:1", () => {
  expect(
    reads(
      tfilter,
      "5c000000 2c00 0506 90aa0a6b 00000000", // RTM_NEWTFILTER
      "00000000 03000000 00000000 f2ffffff 0800 0700", // tcmsg: parent ingress, protocol 0x0800 in network order, prio 7
      "0800 0100 75333200", // TCA_KIND u32
      "3000 0200",
      "0800 0100 01000100", //   TCA_U32_CLASSID
      "2400 0500 01 00 01 00 0000 0000 0000 0000 00000000", //   TCA_U32_SEL: terminal, one key
      "ff000000 0a000000 10000000 00000000", //     mask, value, offset 16
    ).value,
  ).toMatchObject({
    ...{ parent: 0xfffffff2, info: 0x70008, kind: "u32" },
    data: { classid: 0x10001, sel: { flags: 1, keys: [{ mask: 0xff000000, value: 0x0a000000, off: 16, offmask: 0 }] } },
  });
});

test("tc filter add dev v0 ingress protocol all pref 8 u32 match u32 0 0 action mirred egress redirect dev ifb0", () => {
  expect(
    reads(
      tfilter,
      "8c000000 2c00 0506 90aa0a6b 00000000",
      "00000000 03000000 00000000 f2ffffff 0003 0800",
      "0800 0100 75333200",
      "6000 0200",
      "3800 0700", //   TCA_U32_ACT
      "3400 0100", //     the first
      "0b00 0100 6d697272656400 00", //       TCA_ACT_KIND mirred
      "2400 0280 2000 0200", //       TCA_ACT_OPTIONS, nested; TCA_MIRRED_PARMS
      "00000000 00000000 04000000 00000000 00000000 01000000 04000000", //   index, capab, TC_ACT_STOLEN, refs, redirect, index 4
      "2400 0500 01 00 01 00 0000 0000 0000 0000 00000000",
      "00000000 00000000 00000000 00000000",
    ).value,
  ).toMatchObject({
    info: 0x80300,
    data: {
      act: [{ kind: "mirred", data: { parms: { action: 4, way: 1, ifindex: 4, index: 0 } } }],
      sel: { keys: [{ mask: 0, value: 0, off: 0 }] },
    },
  });
});

test("tc filter add dev v0 ingress protocol all pref 9 matchall action mirred egress mirror dev ifb0", () => {
  expect(
    reads(
      tfilter,
      "70000000 2c00 0506 90aa0a6b 00000000",
      "00000000 03000000 00000000 f2ffffff 0003 0900",
      "0d00 0100 6d61746368616c6c00 000000",
      "3c00 0200 3800 0200", // TCA_OPTIONS, TCA_MATCHALL_ACT
      "3400 0100 0b00 0100 6d697272656400 00 2400 0280 2000 0200",
      "00000000 00000000 03000000 00000000 00000000 02000000 04000000",
    ).value,
  ).toMatchObject({ kind: "matchall", data: { act: [{ kind: "mirred", data: { parms: { action: 3, way: 2 } } }] } });
});

test("a kind that we do not know keeps its options as they are", () => {
  const wire = unhex(
    `${"00000000 03000000 00000100 ffffffff 00000000"}0900 0100 63616b6500 000000 0c00 0200 0800 0100 2a000000`.replaceAll(
      " ",
      "",
    ),
  );
  const value = qdisc.read(wire);
  expect(value).toMatchObject({ kind: "cake", rawData: unhex("080001002a000000") });
  expect(hex(qdisc.write(value))).toBe(hex(wire));
});

test("the kernel's byte offset names the attribute within the options of the kind", () => {
  const b = qdisc.write({ kind: "tbf", data: { rate: { rate: 1 }, limit: 1, burst: 7 } });
  expect(qdisc.locate(b, 4)).toBe("header");
  expect(qdisc.locate(b, 20)).toBe("kind");
  expect(qdisc.locate(b, b.length - 4)).toBe("options.burst");
});
