/** Expressions that do something: change the packet, end the rule, or leave it to chance. */
import type { ExprOf } from "../../../kernel/codec/nft/expressions.ts";
import type { Bits } from "./bits.ts";
import { decide, end, goOn, type Machine, type Move, read, withState } from "./machine.ts";
import { masquerade, redirect, translate, translateRange } from "./nat.ts";

const portIn = (m: Machine, reg: number | undefined): Bits | undefined =>
  reg === undefined ? undefined : read(m, reg, 2);

export const nat = (m: Machine, e: ExprOf<"nat">): Move[] => {
  const length = m.state.family === 4 ? 4 : 16;
  const which = e.type === 1 ? "dst" : "src";
  if ((e.family === 2 || e.family === 10) && (e.family === 2) !== (m.state.family === 4)) return goOn(m);
  // NF_NAT_RANGE_NETMAP: the bits of the network change, those of the host stay.
  if ((e.flags ?? 0) & 0x40)
    return [{ ...translate(m, which, {})[0]!, doubt: "the mapping of a network" }, ...end(m, { verdict: "unclear" })];
  const port = portIn(m, e.protoMin);
  if (e.addrMin === undefined) return translate(m, which, { port });
  const from = read(m, e.addrMin, length);
  if (e.addrMax === undefined || e.addrMax === e.addrMin) return translate(m, which, { address: from, port });
  return translateRange(m, which, from.bytes, read(m, e.addrMax, length).bytes, port);
};

export const masq = (m: Machine): Move[] => masquerade(m);
export const redir = (m: Machine, e: ExprOf<"redir">): Move[] => redirect(m, portIn(m, e.protoMin));

export const reject = (m: Machine): Move[] => end(m, { verdict: "reject" });
export const pass = (m: Machine): Move[] => goOn(m);

/** Connection tracking that has begun is not undone. */
export const notrack = (m: Machine): Move[] =>
  goOn(m.state.tracking === "none" ? withState(m, { tracking: "untracked" }) : m);

export const chance =
  (what: string) =>
  (m: Machine): Move[] =>
    decide(m, undefined, what);

/** A program decides. With the flag `bypass` it is accepted when there is none. */
export const queue = (m: Machine, e: ExprOf<"queue">): Move[] => [
  {
    machine: m,
    after: { verdict: "unclear", note: `queue ${e.num ?? 0}` },
    doubt: `the program behind queue ${e.num ?? 0}`,
  },
];

export const stolen =
  (what: string) =>
  (m: Machine): Move[] => [{ machine: m, after: { verdict: "unclear", note: what }, doubt: what }];

/** NFT_OBJECT_*: what a named object may refuse. */
const objects: Readonly<Record<number, string>> = { 2: "a quota", 4: "a limit", 5: "how many connections there are" };

export const objref = (m: Machine, e: ExprOf<"objref">): Move[] => {
  if (e.type === 10) return stolen("synproxy")(m);
  const what = objects[e.type ?? 0] ?? (e.set !== undefined ? `an object of map ${e.set}` : undefined);
  return what === undefined ? goOn(m) : decide(m, undefined, what);
};
