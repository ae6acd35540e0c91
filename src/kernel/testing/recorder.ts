/** A wire log kept in memory: what went over a netlink connection, to be compared with captured bytes. */
import { hex } from "../../base/bytes.ts";
import { type Message, splitMessages } from "../codec/message.ts";
import type { WireLog } from "../conn/wire-log.ts";
import type { NetlinkFamily } from "../os/netlink-socket.ts";

export interface Recorded {
  readonly way: "in" | "out";
  readonly family: NetlinkFamily;
  readonly bytes: Uint8Array;
}

export interface Recorder extends WireLog {
  /** Every datagram so far, in order. */
  readonly datagrams: readonly Recorded[];
  /** The messages of one direction, payloads copied. */
  messages(way: "in" | "out"): Message[];
  /** One line for each datagram: arrow and hex in words of four bytes. */
  text(): string;
}

export const recordNetlink = (): Recorder => {
  const datagrams: Recorded[] = [];
  return {
    datagrams,
    add: (family, bytes, way) => {
      datagrams.push({ way, family, bytes: bytes.slice() });
    },
    messages: (way) => datagrams.filter((d) => d.way === way).flatMap((d) => splitMessages(d.bytes)),
    text: () =>
      datagrams.map((d) => `${d.way === "in" ? "<" : ">"} ${hex(d.bytes).replace(/(.{8})(?=.)/g, "$1 ")}\n`).join(""),
    [Symbol.dispose]: () => {},
  };
};
