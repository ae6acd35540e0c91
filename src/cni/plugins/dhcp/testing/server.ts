/** A DHCP server of a few lines, as bytes in and bytes out: for what a real one does only in hours, or never. */
import type { Ip } from "../../../../base/ip.ts";
import { ipBytes } from "../../../../base/ip.ts";
import type { Mac } from "../../../../base/mac.ts";
import { be32 } from "../../../../kernel/codec/codec.ts";
import {
  type DhcpMessage,
  type MessageType,
  noIp,
  optionCode,
  readMessage,
  writeMessage,
} from "../../../../kernel/codec/dhcp/message.ts";

export const server = { ip: "10.7.0.1" as Ip, mac: "02:00:00:00:07:01" as Mac };

export interface Says {
  readonly address?: Ip;
  /** Seconds; null is none said. */
  readonly lease?: number | null;
  readonly by?: Ip;
  readonly words?: string;
  readonly options?: readonly (readonly [number, Uint8Array])[];
}

/** An answer to a message, through bytes and back. */
export const answer = (to: DhcpMessage, type: MessageType, says: Says = {}): DhcpMessage => {
  const { address = "10.7.0.50" as Ip, lease = 120, by = server.ip, words, options = [] } = says;
  const made: DhcpMessage = {
    ...{ type, xid: to.xid, secs: 0, broadcast: to.broadcast, mac: to.mac, ciaddr: noIp },
    yiaddr: type === "NAK" ? noIp : address,
    options: new Map([
      [optionCode.server, ipBytes(by)],
      ...(lease === null ? [] : [[optionCode.leaseTime, be32.write(lease)] as const]),
      ...(words ? [[optionCode.message, new TextEncoder().encode(words)] as const] : []),
      ...options,
    ]),
  };
  const read = readMessage(writeMessage(made));
  if (!read) throw new Error("an answer that cannot be read");
  return read;
};

/** Chance that is none: numbers in order, always the middle. */
export const noChance = () => {
  let xid = 0x1000;
  return { xid: () => ++xid, unit: () => 0.5 };
};
