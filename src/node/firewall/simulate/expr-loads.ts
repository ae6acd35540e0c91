/** Expressions that bring something of the packet into a register. */
import type { ExprOf } from "../../../kernel/codec/nft/expressions.ts";
import { ifnameKey, wordKey } from "../../../net/nft/keys.ts";
import type { LinkFacts } from "../ruleset/model.ts";
import { anything, type Bits, exactly, overlay, slice, wordOf } from "./bits.ts";
import { decide, goOn, type Machine, type Move, miss, read, store, withState } from "./machine.ts";
import { addressBits, addressOf } from "./state.ts";

const headers = ["link", "network", "transport"] as const;

const fieldNames: Readonly<Record<string, string>> = {
  "2.0.2": "the source port",
  "2.2.2": "the destination port",
  "0.6.6": "the source's MAC",
  "0.0.6": "the destination's MAC",
};

export const payload = (m: Machine, e: ExprOf<"payload">): Move[] => {
  const { base = 0, offset = 0, len = 0, dreg, sreg } = e;
  const header = headers[base];
  if (!header) return decide(m, undefined, "what the packet carries");
  const whole = m.state[header];
  if (sreg !== undefined) return goOn(withState(m, { [header]: overlay(whole, offset, read(m, sreg, len)) }));
  const name =
    fieldNames[`${base}.${offset}.${len}`] ?? `bytes ${offset} to ${offset + len - 1} of the ${header} header`;
  return goOn(store(m, dreg, slice(whole, offset, len), name));
};

const linkOf = (m: Machine, name: string | undefined): LinkFacts | undefined =>
  m.ruleset.links.find((l) => l.name === name);

/** A fact of a link: unknown for one that is not known, zero where there is none. */
const ofLink = (m: Machine, name: string | undefined, length: number, fact: (l: LinkFacts) => Uint8Array): Bits => {
  if (name === undefined) return anything(length);
  if (name === "") return exactly(new Uint8Array(length));
  const link = linkOf(m, name);
  return link ? exactly(fact(link)) : anything(length);
};

const nameBits = (name: string | undefined): Bits => (name === undefined ? anything(16) : exactly(ifnameKey(name)));
const half = (n: number): Uint8Array => wordKey(n).subarray(0, 2);
const kindBytes = (kind: string | undefined): Uint8Array => ifnameKey(kind ?? "");

const multicast = (m: Machine): boolean => {
  const dst = addressBits(m.state, "dst").bytes;
  return m.state.family === 4 ? dst[0]! >= 224 && dst[0]! < 240 : dst[0] === 255;
};

/** PACKET_HOST, PACKET_BROADCAST, PACKET_MULTICAST. */
export const packetType = (m: Machine): number => {
  if (multicast(m)) return 2;
  const dst = addressOf(m.state, "dst");
  return dst !== undefined && m.ruleset.routing.addressType(dst) === 3 ? 1 : 0;
};

const nothing = "nothing" as const;
type Loaded = Bits | typeof nothing;
/** In the bridge family a frame's links are ports, and the bridge is asked for by name. */
const inLink = (m: Machine): string | undefined =>
  m.table.family === "bridge" && m.state.port ? m.state.port.name : m.state.iif;

/** A socket is there only for what this host sends. */
const ofSender = (m: Machine, length: number): Loaded => (m.state.fromHere ? anything(length) : nothing);

const metas: Readonly<Record<number, readonly [label: string, get: (m: Machine) => Loaded]>> = {
  0: ["the packet's length", () => anything(4)],
  1: ["the ethertype", (m) => slice(m.state.link, 12, 2)],
  2: ["the packet's priority", () => anything(4)],
  3: ["the packet's mark", (m) => m.state.mark],
  4: ["the link it comes in by", (m) => ofLink(m, inLink(m), 4, (l) => wordKey(l.index))],
  5: ["the link it leaves by", (m) => ofLink(m, m.state.oif, 4, (l) => wordKey(l.index))],
  6: ["the link it comes in by", (m) => nameBits(inLink(m))],
  7: ["the link it leaves by", (m) => nameBits(m.state.oif)],
  8: ["the link it comes in by", (m) => ofLink(m, inLink(m), 2, (l) => half(l.type))],
  9: ["the link it leaves by", (m) => ofLink(m, m.state.oif, 2, (l) => half(l.type))],
  10: ["the sender's user", (m) => ofSender(m, 4)],
  11: ["the sender's group", (m) => ofSender(m, 4)],
  12: ["nftrace", () => exactly(new Uint8Array(1))],
  15: ["the family", (m) => exactly(Uint8Array.of(m.state.family === 4 ? 2 : 10))],
  16: ["the protocol", (m) => exactly(Uint8Array.of(m.state.protocol))],
  17: ["the bridge it comes in by", (m) => nameBits(m.state.iif)],
  18: ["the bridge it leaves by", (m) => nameBits(m.state.bridged ? m.state.iif : m.state.oif)],
  19: ["the packet's type", (m) => exactly(Uint8Array.of(packetType(m)))],
  21: ["the group of the link it comes in by", (m) => ofLink(m, inLink(m), 4, (l) => wordKey(l.group))],
  22: ["the group of the link it leaves by", (m) => ofLink(m, m.state.oif, 4, (l) => wordKey(l.group))],
  23: ["the sender's cgroup", (m) => ofSender(m, 4)],
  25: ["whether it came by IPsec", () => anything(1)],
  26: ["the kind of link it comes in by", (m) => ofLink(m, inLink(m), 16, (l) => kindBytes(l.kind))],
  27: ["the kind of link it leaves by", (m) => ofLink(m, m.state.oif, 16, (l) => kindBytes(l.kind))],
  30: ["the time", () => anything(8)],
  31: ["the day of the week", () => anything(1)],
  32: ["the time of the day", () => anything(4)],
};

export const meta = (m: Machine, e: ExprOf<"meta">): Move[] => {
  const { key = -1, dreg, sreg } = e;
  if (sreg !== undefined) return goOn(key === 3 ? withState(m, { mark: read(m, sreg, 4) }) : m);
  const [label, get] = metas[key] ?? [`meta key ${key}`, () => anything(16)];
  const value = get(m);
  return value === nothing ? miss(m) : goOn(store(m, dreg, value, label));
};

/** Bits of NFT_CT_STATE. */
export const ctStateBits = (m: Machine): number => {
  const { tracking, established } = m.state;
  if (tracking === "tracked") return established ? 2 : 8;
  return tracking === "untracked" ? 64 : 1;
};

const address = (m: Machine, which: "src" | "dst"): Bits => exactly(m.state.original[which]);

/** Of the first direction; of the answers' direction only what no NAT can have changed is known: nothing. */
const ctKeys: Readonly<Record<number, readonly [label: string, get: (m: Machine) => Bits]>> = {
  1: ["the direction", (m) => exactly(Uint8Array.of(m.state.answer ? 1 : 0))],
  2: ["the connection's status", (m) => ({ bytes: wordKey(m.state.ctStatus), known: wordKey(0x37) })],
  3: ["the connection's mark", (m) => m.state.ctMark],
  7: ["the connection's family", (m) => exactly(Uint8Array.of(m.state.family === 4 ? 2 : 10))],
  8: ["the connection's source", (m) => address(m, "src")],
  9: ["the connection's destination", (m) => address(m, "dst")],
  10: ["the connection's protocol", (m) => exactly(Uint8Array.of(m.state.protocol))],
  11: ["the connection's source port", (m) => m.state.original.sport],
  12: ["the connection's destination port", (m) => m.state.original.dport],
  19: ["the connection's source", (m) => address(m, "src")],
  20: ["the connection's destination", (m) => address(m, "dst")],
  21: ["the connection's source", (m) => address(m, "src")],
  22: ["the connection's destination", (m) => address(m, "dst")],
};

export const ct = (m: Machine, e: ExprOf<"ct">): Move[] => {
  const { key = -1, dreg, sreg, direction } = e;
  if (sreg !== undefined)
    return goOn(key === 3 && m.state.tracking === "tracked" ? withState(m, { ctMark: read(m, sreg, 4) }) : m);
  if (key === 0) return goOn(store(m, dreg, exactly(wordKey(ctStateBits(m))), "the connection's state"));
  if (m.state.tracking !== "tracked") return miss(m);
  const [label, get] = ctKeys[key] ?? [`what is known of the connection (ct key ${key})`, () => anything(16)];
  const reply = (direction === 1 || m.state.answer) && key >= 8;
  return goOn(store(m, dreg, reply ? anything(16) : get(m), label));
};

const FIB = { saddr: 1, mark: 4, iif: 8, oif: 16, present: 32 } as const;

export const fib = (m: Machine, e: ExprOf<"fib">): Move[] => {
  const { flags = 0, result = 1, dreg } = e;
  const ofSource = (flags & FIB.saddr) !== 0;
  const ip = addressOf(m.state, ofSource ? "src" : "dst");
  const label = `the route to the ${ofSource ? "source" : "destination"}`;
  const put = (value: Bits): Move[] => goOn(store(m, dreg, value, label));
  const asked = flags & FIB.iif ? m.state.iif : flags & FIB.oif ? m.state.oif : "";
  if (ip === undefined || asked === undefined) return put(anything(result === 2 ? 16 : 4));
  const { routing } = m.ruleset;
  if (result === 3) return put(exactly(wordKey(routing.addressType(ip, asked === "" ? undefined : asked))));
  const mark = flags & FIB.mark ? wordOf(m.state.mark) : undefined;
  const way = routing.way({ dst: ip, ...(mark !== undefined && { mark }) });
  // What comes in by loopback was sent by this host, and is not looked up.
  const link = m.state.iif === "lo" ? "lo" : way.to === "link" && (asked === "" || asked === way.link) ? way.link : "";
  if (flags & FIB.present) return put(exactly(Uint8Array.of(link === "" ? 0 : 1)));
  if (result === 2) return put(nameBits(link));
  return put(ofLink(m, link, 4, (l) => wordKey(l.index)));
};

/** Options of headers: a first packet has no extension headers of IPv6, and TCP options that only its sender knows. */
export const exthdr = (m: Machine, e: ExprOf<"exthdr">): Move[] => {
  if (e.sreg !== undefined) return goOn(m);
  const ofTcp = (e.op ?? 0) === 1;
  const present = ((e.flags ?? 0) & 1) !== 0;
  if (!ofTcp) return present ? goOn(store(m, e.dreg, exactly(new Uint8Array(1)), "a header's option")) : miss(m);
  if (m.state.protocol !== 6) return miss(m);
  const value = store(m, e.dreg, anything(present ? 1 : (e.len ?? 4)), "an option of the TCP header");
  return present ? goOn(value) : decide(value, undefined, "an option of the TCP header");
};

/** Facts that only the kernel has at that moment. */
export const elsewhere =
  (what: string, length: number) =>
  (m: Machine, e: { readonly dreg?: number | undefined }): Move[] =>
    e.dreg === undefined ? decide(m, undefined, what) : goOn(store(m, e.dreg, anything(length), what));
