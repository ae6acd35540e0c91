/** What NAT does to a packet: the new address and port, each known or not, and what connection tracking notes of it. */
import { ipFromBytes } from "../../../base/ip.ts";
import { anything, type Bits, exactly, isExact, overlay } from "./bits.ts";
import { end, type Machine, type Move, withState } from "./machine.ts";
import { addressAt, addressBits, portOf, type State } from "./state.ts";

/** IPS_SRC_NAT and IPS_DST_NAT. */
const status = { src: 16, dst: 32 } as const;

export interface Change {
  readonly address?: Bits | undefined;
  readonly port?: Bits | undefined;
}

export const changed = (s: State, which: "src" | "dst", change: Change): State => {
  const at = addressAt[s.family];
  const network = change.address ? overlay(s.network, at[which], change.address) : s.network;
  const transport = change.port ? overlay(s.transport, which === "src" ? 0 : 2, change.port) : s.transport;
  return {
    ...s,
    network,
    transport,
    ctStatus: s.ctStatus | status[which],
    natDone: { ...s.natDone, [which]: true },
  };
};

const words = (s: State, which: "src" | "dst"): string => {
  const b = addressBits(s, which);
  const ip = isExact(b) ? ipFromBytes(b.bytes) : "an address that is not known";
  const port = which === "dst" ? portOf(s, "dst") : undefined;
  const host = s.family === 6 && port !== undefined ? `[${ip}]` : ip;
  return `${which === "dst" ? "dnat" : "snat"} to ${host}${port === undefined ? "" : `:${port}`}`;
};

/** Ends the rule: NAT accepts. */
export const translate = (m: Machine, which: "src" | "dst", change: Change): Move[] => {
  if (m.state.natDone[which]) return end(m, { verdict: "accept" });
  const state = changed(m.state, which, change);
  return end(withState(m, state), { verdict: "accept", note: words(state, which) });
};

/** More addresses than these are not followed each. */
const WAYS = 16;
const number = (b: Uint8Array): number => b.reduce((n, x) => n * 256 + x, 0);

/** One way for each address of a range; an unknown one when they are many. */
export const translateRange = (
  m: Machine,
  which: "src" | "dst",
  from: Uint8Array,
  to: Uint8Array,
  port: Bits | undefined,
): Move[] => {
  const count = from.length === 4 ? number(to) - number(from) + 1 : from.every((x, i) => x === to[i]) ? 1 : WAYS + 1;
  if (count === 1) return translate(m, which, { address: exactly(from), port });
  const doubt = "which address of a range";
  if (count > WAYS) return translate(m, which, { address: anything(from.length), port }).map((x) => ({ ...x, doubt }));
  return Array.from({ length: count }, (_, i) => {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, number(from) + i);
    return translate(m, which, { address: exactly(bytes), port }).map((x) => ({ ...x, doubt }));
  }).flat();
};

/** To this host: the address of the link that it came in by; for what the host itself sends, loopback. */
export const redirect = (m: Machine, port: Bits | undefined): Move[] => {
  const { fromHere, family, iif } = m.state;
  const loopback =
    family === 4 ? Uint8Array.of(127, 0, 0, 1) : Uint8Array.from({ length: 16 }, (_, i) => (i === 15 ? 1 : 0));
  const own = fromHere ? loopback : m.ruleset.routing.addressesOn(iif ?? "", family)[0];
  return translate(m, "dst", { address: own ? exactly(own) : anything(family === 4 ? 4 : 16), port });
};

/** From an address of the link that it leaves by, and from any port. */
export const masquerade = (m: Machine): Move[] => {
  const { family, oif } = m.state;
  const [own, another] = m.ruleset.routing.addressesOn(oif ?? "", family);
  // Which of several it is depends on the next hop.
  const address = own && !another ? exactly(own) : anything(family === 4 ? 4 : 16);
  return translate(m, "src", { address, port: anything(2) });
};
