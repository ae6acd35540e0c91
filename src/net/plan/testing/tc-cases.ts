/** An example of every kind of step of traffic control, on the ground that plan.ns.test.ts lays. */
import { clsactHandle, type QdiscInfo, tcPlaces } from "../../../kernel/codec/route/tc.ts";
import { U32_TERMINAL } from "../../../kernel/codec/tc-kinds/u32.ts";
import { tcProtocols } from "../../tc/filters.ts";
import { makeHandle } from "../../tc/handles.ts";
import { type TokenBucket, tokenBucket } from "../../tc/units.ts";
import type { Steps } from "../step.ts";

const tbf = (bucket: TokenBucket): QdiscInfo => ({ kind: "tbf", data: tokenBucket(bucket) });

type Name = Extract<keyof Steps, `${"qdisc" | "class" | "filter"}.${string}`>;

export const tcCases: { readonly [K in Name]: () => readonly Steps[K][] } = {
  "qdisc.add": () => [
    {
      qdisc: {
        link: "w0",
        parent: tcPlaces.root,
        handle: makeHandle(1),
        info: tbf({ rate: 1_250_000, burst: 10_000, limit: 20_000 }),
      },
    },
    {
      qdisc: {
        link: "w0",
        parent: tcPlaces.root,
        handle: makeHandle(0x7077),
        // More than 32 bits.
        info: tbf({
          rate: 5_000_000_000,
          burst: 10_000_000,
          limit: 20_000,
          peakrate: 12_500_000_000,
          minburst: 70_000,
        }),
      },
    },
    {
      qdisc: {
        link: "w0",
        parent: tcPlaces.root,
        handle: makeHandle(2),
        info: {
          kind: "htb",
          data: { init: { version: 3, rate2quantum: 10, defaultClass: 0x30, debug: 0, directPackets: 0 } },
        },
      },
    },
    { qdisc: { link: "w0", parent: tcPlaces.clsact, handle: clsactHandle, info: { kind: "clsact" } } },
    { qdisc: { link: "w0", parent: tcPlaces.clsact, handle: clsactHandle, info: { kind: "ingress" } } },
    { qdisc: { link: "q1", parent: makeHandle(5, 1), handle: makeHandle(6), info: { kind: "pfifo" } } },
    { qdisc: { link: "q0", parent: makeHandle(1, 0x20), handle: makeHandle(7), info: { kind: "pfifo" } } },
  ],
  "qdisc.change": () => [
    {
      qdisc: {
        link: "q1",
        parent: tcPlaces.root,
        handle: makeHandle(5),
        info: tbf({ rate: 2_500_000, burst: 20_000, limit: 30_000 }),
      },
    },
  ],
  "qdisc.del": () => [
    { qdisc: { link: "q0", parent: tcPlaces.root } },
    { qdisc: { link: "q0", parent: tcPlaces.clsact } },
    { qdisc: { link: "q1", parent: tcPlaces.root } },
  ],
  "class.add": () => [
    {
      class: {
        link: "q0",
        parent: makeHandle(1, 1),
        classid: makeHandle(1, 0x30),
        info: {
          kind: "htb",
          data: {
            rate: { rate: 125_000, linklayer: 1 },
            ceil: { rate: 5_000_000_000, linklayer: 1 },
            buffer: 625_000,
            cbuffer: 15,
            quantum: 3000,
            prio: 3,
          },
        },
      },
    },
  ],
  "class.del": () => [{ class: { link: "q0", classid: makeHandle(1, 0x20) } }],
  "filter.add": () => [
    {
      filter: {
        ...{ link: "q0", parent: tcPlaces.egress, protocol: tcProtocols.all, prio: 10, redirect: "ifb0" },
        info: { kind: "u32", data: { sel: { flags: U32_TERMINAL, keys: [{ mask: 0, value: 0, off: 0 }] } } },
      },
    },
    {
      filter: {
        ...{ link: "q0", parent: tcPlaces.ingress, protocol: tcProtocols.ip, prio: 7 },
        info: {
          kind: "u32",
          data: {
            classid: makeHandle(1, 2),
            sel: { flags: U32_TERMINAL, keys: [{ mask: 0xff000000, value: 0x0a000000, off: 16 }] },
          },
        },
      },
    },
    {
      filter: {
        ...{ link: "q0", parent: makeHandle(1), protocol: tcProtocols.ipv6, prio: 6 },
        info: {
          kind: "u32",
          data: {
            classid: makeHandle(1, 0x10),
            sel: { flags: U32_TERMINAL, keys: [{ mask: 0xffff0000, value: 0xfd000000, off: 24 }] },
          },
        },
      },
    },
  ],
  "filter.del": () => [
    {
      filter: {
        link: "q0",
        parent: tcPlaces.ingress,
        protocol: tcProtocols.ip,
        prio: 7,
        kind: "u32",
        handle: 0x8000_0800,
      },
    },
    { filter: { link: "q0", parent: tcPlaces.ingress, protocol: tcProtocols.ip, prio: 7 } },
    { filter: { link: "q0", parent: tcPlaces.ingress, protocol: tcProtocols.all, prio: 9 } },
    { filter: { link: "q0", parent: makeHandle(1), protocol: tcProtocols.ip, prio: 5 } },
  ],
};
