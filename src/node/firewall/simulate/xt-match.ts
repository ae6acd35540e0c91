/** Matches of iptables, on what is known of the packet. */
import { family as familyOf, ipBytes } from "../../../base/ip.ts";
import type { ExprOf } from "../../../kernel/codec/nft/expressions.ts";
import {
  type AddressRange,
  CONNTRACK,
  type MaskedAddress,
  type PortRange,
  type Ports,
  readMatch,
  XT_STATE,
  type XtMatch,
} from "../../../kernel/codec/xtables/matches.ts";
import { wordKey } from "../../../net/nft/keys.ts";
import { all, type Bits, begins, exactly, type Maybe, maskXor, not, slice, some, within, wordOf } from "./bits.ts";
import { ctStateBits, packetType } from "./expr-loads.ts";
import { inIpset } from "./ipset.ts";
import { decide, type Machine, type Move } from "./machine.ts";
import { addressBits, addressOf } from "./state.ts";

type Of<K extends XtMatch["is"]> = Extract<XtMatch, { readonly is: K }>;
/** Yes, no, or what it depends on. */
type Answer = boolean | string;

const orWhat = (m: Maybe, what: string): Answer => m ?? what;
const invert = (m: Maybe, inverted: boolean): Maybe => (inverted ? not(m) : m);
const portKey = (n: number): Uint8Array => Uint8Array.of(n >> 8, n & 255);
const inRange = (b: Bits, r: PortRange): Maybe => within(b, portKey(r.from), portKey(r.to));

const port = (m: Machine, which: "src" | "dst"): Bits => slice(m.state.transport, which === "src" ? 0 : 2, 2);

const portsHold = (m: Machine, x: Ports): Maybe =>
  all([
    x.sport ? invert(inRange(port(m, "src"), x.sport), x.sport.not) : true,
    x.dport ? invert(inRange(port(m, "dst"), x.dport), x.dport.not) : true,
  ]);

const tcp = (m: Machine, x: Of<"tcp">): Answer => {
  if (m.state.protocol !== 6) return false;
  const flags = x.flags
    ? invert(
        begins(
          maskXor(slice(m.state.transport, 13, 1), Uint8Array.of(x.flags.mask), Uint8Array.of(0)),
          Uint8Array.of(x.flags.value),
        ),
        x.flags.not,
      )
    : true;
  const option = x.option ? undefined : true;
  return orWhat(all([portsHold(m, x), flags, option]), x.option ? "an option of the TCP header" : "the source port");
};

const icmp = (m: Machine, x: Of<"icmp" | "icmp6">): Answer => {
  if (m.state.protocol !== (x.is === "icmp" ? 1 : 58)) return false;
  const header = m.state.transport;
  // 255 is any type.
  if (x.is === "icmp" && x.type === 255) return !x.not;
  const code = within(slice(header, 1, 1), Uint8Array.of(x.codes.from), Uint8Array.of(x.codes.to));
  return orWhat(invert(all([begins(header, Uint8Array.of(x.type)), code]), x.not), "the ICMP type");
};

const withPorts = new Set([6, 17, 33, 132, 136]);

const multiport = (m: Machine, x: Of<"multiport">): Answer => {
  if (!withPorts.has(m.state.protocol)) return false;
  const one = (which: "src" | "dst"): Maybe => some(x.ranges.map((r) => inRange(port(m, which), r)));
  const holds = x.which === "either" ? some([one("src"), one("dst")]) : one(x.which);
  return orWhat(invert(holds, x.not), "the source port");
};

/** XT_CONNTRACK_STATE bits of the packet. */
const states = (m: Machine): number => {
  const bits = ctStateBits(m);
  const state = bits === 64 ? XT_STATE.untracked : bits;
  const { ctStatus } = m.state;
  return state | (ctStatus & 16 ? XT_STATE.snat : 0) | (ctStatus & 32 ? XT_STATE.dnat : 0);
};

const addressHolds = (address: Uint8Array, a: MaskedAddress): boolean =>
  address.every((x, i) => (x & a.mask[i]!) === (a.address[i]! & a.mask[i]!));

const conntrack = (m: Machine, x: Of<"conntrack">): Answer => {
  const looks = (bit: number): boolean => (x.looks & bit) !== 0;
  const ask = (bit: number, holds: () => Maybe): Maybe => (looks(bit) ? invert(holds(), (x.not & bit) !== 0) : true);
  const state = ask(CONNTRACK.state, () => (states(m) & x.states) !== 0);
  // Without a connection only its state can be asked.
  if (m.state.tracking !== "tracked") return x.looks & ~(CONNTRACK.state | 8192) ? false : state === true;
  const { original: first } = m.state;
  const unknown =
    CONNTRACK.replSrc | CONNTRACK.replDst | CONNTRACK.replSrcPort | CONNTRACK.replDstPort | CONNTRACK.expires;
  // Of an answer the first packet's addresses are not kept here.
  const of: Maybe = m.state.answer ? undefined : true;
  const holds = all([
    state,
    ask(CONNTRACK.proto, () => x.protocol === m.state.protocol),
    ask(CONNTRACK.origSrc, () => of && addressHolds(first.src, x.origSrc)),
    ask(CONNTRACK.origDst, () => of && addressHolds(first.dst, x.origDst)),
    ask(CONNTRACK.origSrcPort, () => of && inRange(first.sport, x.origSrcPort)),
    ask(CONNTRACK.origDstPort, () => of && inRange(first.dport, x.origDstPort)),
    ask(CONNTRACK.status, () => (m.state.ctStatus & x.status) !== 0 || (x.status & ~0x37 ? undefined : false)),
    ask(CONNTRACK.direction, () => !m.state.answer),
    looks(unknown) ? undefined : true,
  ]);
  return orWhat(holds, "what is known of the connection");
};

const marked = (b: Bits, x: Of<"mark" | "connmark">): Answer =>
  orWhat(invert(begins(maskXor(b, wordKey(x.mask), new Uint8Array(4)), wordKey(x.mark)), x.not), "a mark");

const addrtype = (m: Machine, x: Of<"addrtype">): Answer => {
  const link = x.limit === "in" ? m.state.iif : x.limit === "out" ? m.state.oif : "";
  const one = (which: "src" | "dst", types: number, inverted: boolean): Maybe => {
    if (types === 0) return true;
    const ip = addressOf(m.state, which);
    if (ip === undefined || link === undefined) return undefined;
    const type = m.ruleset.routing.addressType(ip, link === "" ? undefined : link);
    return invert((types & (1 << type)) !== 0, inverted);
  };
  return orWhat(all([one("src", x.src, x.notSrc), one("dst", x.dst, x.notDst)]), "the kind of address");
};

const within2 = (m: Machine, which: "src" | "dst", r: AddressRange | undefined): Maybe => {
  if (!r) return true;
  const b = addressBits(m.state, which);
  if (familyOf(r.from) !== m.state.family) return false;
  return invert(within(b, ipBytes(r.from), ipBytes(r.to)), r.not);
};

/** XT_PHYSDEV_OP_*: in 1, out 2, bridged 4, any port in 8, any port out 16. */
const physdev = (m: Machine, x: Of<"physdev">): Answer => {
  const { port: inPort, bridged = false } = m.state;
  const isIn = (name: string | undefined): Maybe =>
    name === undefined ? undefined : x.in.endsWith("+") ? name.startsWith(x.in.slice(0, -1)) : name === x.in;
  const one = (bit: number, holds: Maybe): Maybe => (x.bits & bit ? invert(holds, (x.not & bit) !== 0) : true);
  return orWhat(
    all([
      one(1, inPort ? isIn(inPort.name) : false),
      one(2, bridged ? undefined : false),
      one(4, bridged),
      one(8, inPort !== undefined),
      one(16, bridged ? undefined : false),
    ]),
    "the bridge's port",
  );
};

/** XT_RPFILTER_*: loose 1, valid mark 2, accept local 4, invert 8. */
const rpfilter = (m: Machine, x: Of<"rpfilter">): Answer => {
  const [src, { iif }] = [addressOf(m.state, "src"), m.state];
  if (src === undefined || iif === undefined) return "the route back to the source";
  const mark = x.flags & 2 ? wordOf(m.state.mark) : undefined;
  const way = m.ruleset.routing.way({ dst: src, ...(mark !== undefined && { mark }) });
  const fine =
    iif === "lo" ||
    (way.to === "local" ? (x.flags & 4) !== 0 : way.to === "link" && ((x.flags & 1) !== 0 || way.link === iif));
  return fine !== ((x.flags & 8) !== 0);
};

const answer = (m: Machine, x: XtMatch): Answer => {
  switch (x.is) {
    case "comment":
      return true;
    case "tcp":
      return tcp(m, x);
    case "udp":
    case "udplite":
      return m.state.protocol === (x.is === "udp" ? 17 : 136) && orWhat(portsHold(m, x), "the source port");
    case "icmp":
    case "icmp6":
      return icmp(m, x);
    case "multiport":
      return multiport(m, x);
    case "state":
      return ((states(m) & x.states) !== 0) !== x.not;
    case "conntrack":
      return conntrack(m, x);
    case "mark":
      return marked(m.state.mark, x);
    case "connmark":
      return m.state.tracking === "tracked" ? marked(m.state.ctMark, x) : false;
    case "addrtype":
      return addrtype(m, x);
    case "set":
      return orWhat(inIpset(m, x), `ipset ${m.ruleset.ipsets.get(x.index)?.name ?? x.index}`);
    case "pkttype":
      return orWhat(
        invert(begins(exactly(Uint8Array.of(packetType(m))), Uint8Array.of(x.type)), x.not),
        "the packet's type",
      );
    case "iprange":
      return orWhat(all([within2(m, "src", x.src), within2(m, "dst", x.dst)]), "an address");
    case "physdev":
      return physdev(m, x);
    case "rpfilter":
      return rpfilter(m, x);
    case "limit":
      return "a limit of packets in a time";
    case "owner":
      return m.state.fromHere ? "the sender's user" : false;
    case "no-header":
      return false;
    default:
      return `match ${x.name}, whose answer only the kernel has`;
  }
};

export const match = (m: Machine, e: ExprOf<"match">): Move[] => {
  const x = readMatch(e.xtName ?? "", e.rev ?? 0, e.info ?? new Uint8Array(0), m.state.family);
  const said = answer(m, x);
  return typeof said === "string" ? decide(m, undefined, said) : decide(m, said, "");
};
