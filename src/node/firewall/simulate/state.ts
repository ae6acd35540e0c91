/** A packet under way: its headers, what the kernel notes beside it, and where it is. Never changed, only replaced. */
import { hex } from "../../../base/bytes.ts";
import { family, type Ip, ipBytes, ipFromBytes } from "../../../base/ip.ts";
import type { Hook } from "../ruleset/model.ts";
import { anything, type Bits, exactly, isExact, overlay, slice } from "./bits.ts";
import type { Packet } from "./verdict.ts";

/** The first direction of a connection as it began: what NAT does not change. */
export interface Original {
  readonly src: Uint8Array;
  readonly dst: Uint8Array;
  readonly sport: Bits;
  readonly dport: Bits;
}

export interface State {
  readonly family: 4 | 6;
  /** IPPROTO_*. */
  readonly protocol: number;
  readonly link: Bits;
  readonly network: Bits;
  readonly transport: Bits;
  readonly mark: Bits;
  readonly ctMark: Bits;
  /** Whether connection tracking knows it yet: not before priority -200, and never after `notrack`. */
  readonly tracking: "none" | "tracked" | "untracked";
  readonly established: boolean;
  /** It goes the other way than the connection's first packet. */
  readonly answer: boolean;
  /** Of an answer: the address that NAT turns its destination back to. */
  readonly turnsTo?: Uint8Array;
  /** IPS_*: 16 its source was changed, 32 its destination. */
  readonly ctStatus: number;
  readonly original: Original;
  /** Each kind of NAT is decided once in a connection's life. */
  readonly natDone: { readonly src: boolean; readonly dst: boolean };
  /** Names of links; "" is none, undefined is not known. */
  readonly iif: string | undefined;
  readonly oif: string | undefined;
  /** The port of a bridge that it came in by; its name is undefined when it is not known. */
  readonly port?: { readonly name: string | undefined } | undefined;
  /** It goes from port to port of a bridge. */
  readonly bridged?: boolean;
  readonly hook: Hook;
  /** It was sent by this host. */
  readonly fromHere: boolean;
  /** Sets that rules have added it to. */
  readonly added: readonly string[];
}

export const protocolNumber = (f: 4 | 6, name: Packet["protocol"]): number =>
  name === "icmp" ? (f === 4 ? 1 : 58) : { tcp: 6, udp: 17, sctp: 132 }[name];

/** Where addresses stand in a header. */
export const addressAt = { 4: { src: 12, dst: 16, length: 4 }, 6: { src: 8, dst: 24, length: 16 } } as const;

const put = (b: Bits, at: number, bytes: readonly number[] | Uint8Array): Bits =>
  overlay(b, at, exactly(Uint8Array.from(bytes)));

const networkHeader = (f: 4 | 6, protocol: number, src: Uint8Array, dst: Uint8Array): Bits => {
  const at = addressAt[f];
  const start =
    f === 4
      ? // Version and length; flags and fragment: whole, only DF may be set; protocol.
        put(
          overlay(put(anything(20), 0, [0x45]), 6, { bytes: new Uint8Array(2), known: Uint8Array.of(0xbf, 0xff) }),
          9,
          [protocol],
        )
      : put(overlay(anything(40), 0, { bytes: Uint8Array.of(0x60), known: Uint8Array.of(0xf0) }), 6, [protocol]);
  return put(put(start, at.src, src), at.dst, dst);
};

const portBytes = (port: number): number[] => [port >> 8, port & 255];

const transportHeader = (f: 4 | 6, p: Packet, established: boolean): Bits => {
  if (p.protocol === "icmp") return put(anything(64), 0, [f === 4 ? 8 : 128, 0]);
  let header = anything(64);
  if (p.sport !== undefined) header = put(header, 0, portBytes(p.sport));
  if (p.dport !== undefined) header = put(header, 2, portBytes(p.dport));
  if (p.protocol === "tcp")
    // SYN alone begins a connection; ECE and CWR may be beside it.
    header = overlay(header, 13, {
      bytes: Uint8Array.of(established ? 0x10 : 0x02),
      known: Uint8Array.of(established ? 0x15 : 0x3f),
    });
  return header;
};

export const startOf = (p: Packet): State => {
  const f = family(p.dst);
  const protocol = protocolNumber(f, p.protocol);
  const established = p.state === "established";
  const [src, dst] = [ipBytes(p.src), ipBytes(p.dst)];
  const transport = transportHeader(f, p, established);
  const ethertype = f === 4 ? [0x08, 0x00] : [0x86, 0xdd];
  return {
    family: f,
    protocol,
    link: put(anything(14), 12, ethertype),
    network: networkHeader(f, protocol, src, dst),
    transport,
    mark: exactly(new Uint8Array(4)),
    ctMark: established ? anything(4) : exactly(new Uint8Array(4)),
    tracking: "none",
    established,
    ctStatus: (p.answer?.dnat ? IPS_DST_NAT : 0) | (p.answer?.to ? IPS_SRC_NAT : 0),
    ...(p.answer?.to && { turnsTo: ipBytes(p.answer.to) }),
    answer: p.answer !== undefined,
    original: { src, dst, sport: slice(transport, 0, 2), dport: slice(transport, 2, 2) },
    natDone: { src: established, dst: established },
    iif: p.iif,
    oif: "",
    hook: "prerouting",
    fromHere: false,
    added: [],
  };
};

export const addressBits = (s: State, which: "src" | "dst"): Bits => {
  const at = addressAt[s.family];
  return slice(s.network, at[which], at.length);
};

/** The address as it is now; undefined when something changed it to what cannot be known. */
export const addressOf = (s: State, which: "src" | "dst"): Ip | undefined => {
  const b = addressBits(s, which);
  return isExact(b) ? ipFromBytes(b.bytes) : undefined;
};

/** The number of a port; undefined when it can be any. */
export const portOf = (s: State, which: "src" | "dst"): number | undefined => {
  const b = slice(s.transport, which === "src" ? 0 : 2, 2);
  return isExact(b) && s.protocol !== 1 && s.protocol !== 58 ? (b.bytes[0]! << 8) | b.bytes[1]! : undefined;
};

const bitsKey = (b: Bits): string => `${hex(b.bytes)}/${isExact(b) ? "" : hex(b.known)}`;

const IPS_SRC_NAT = 16;
const IPS_DST_NAT = 32;

/** Two that are equal go on alike. */
export const stateKey = (s: State): string =>
  [
    bitsKey(s.link),
    bitsKey(s.network),
    bitsKey(s.transport),
    bitsKey(s.mark),
    bitsKey(s.ctMark),
    s.tracking,
    s.ctStatus,
    s.natDone.src,
    s.natDone.dst,
    s.iif,
    s.oif,
    s.port && `port ${s.port.name}`,
    s.added.join(),
  ].join(" ");
