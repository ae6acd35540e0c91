/** What runs a rule: registers beside the packet, and what an expression may do next. */
import type { VerdictName } from "../../../kernel/codec/nft/data.ts";
import type { Ruleset, Table } from "../ruleset/model.ts";
import { anything, type Bits, type Maybe, overlay, slice } from "./bits.ts";
import type { State } from "./state.ts";

/** How a rule can end. `unclear`: something outside, such as a program that reads a queue, decides. */
export interface RuleVerdict {
  readonly verdict: VerdictName | "reject" | "unclear";
  readonly chain?: string;
  /** How NAT changed it, or whom it was given to: for those who read the path. */
  readonly note?: string;
}

export interface Machine {
  readonly ruleset: Ruleset;
  readonly table: Table;
  readonly state: State;
  /** NFT_REG32_00 to _15: sixteen words. */
  readonly registers: Bits;
  /** What was loaded where, in words, by byte. */
  readonly labels: Readonly<Record<number, string>>;
}

/** One way to go on. */
export interface Move {
  readonly machine: Machine;
  readonly after: "next" | RuleVerdict;
  /** What had to be so, when it might have gone another way. */
  readonly doubt?: string;
}

/** Byte of a register. NFT_REG_1 to _4 are sixteen bytes wide, those from NFT_REG32_00 (8) on four. */
export const registerAt = (reg: number | undefined): number => {
  const n = reg ?? 1;
  return n >= 8 ? 4 * (n - 8) : 16 * (n - 1);
};

export const freshRegisters = (): Bits => anything(64);

export const read = (m: Machine, reg: number | undefined, length: number): Bits =>
  slice(m.registers, registerAt(reg), length);

export const labelOf = (m: Machine, reg: number | undefined): string => m.labels[registerAt(reg)] ?? "a register";

/** Puts a value into a register; what it fills of its last word is zeroed, as in the kernel. */
export const store = (m: Machine, reg: number | undefined, value: Bits, label: string): Machine => {
  const at = registerAt(reg);
  const whole = Math.ceil(value.bytes.length / 4) * 4;
  const padded = overlay({ bytes: new Uint8Array(whole), known: new Uint8Array(whole).fill(255) }, 0, value);
  return { ...m, registers: overlay(m.registers, at, padded), labels: { ...m.labels, [at]: label } };
};

export const goOn = (machine: Machine): Move[] => [{ machine, after: "next" }];
export const end = (machine: Machine, after: RuleVerdict): Move[] => [{ machine, after }];
/** The rule does not match: on with the next. */
export const miss = (machine: Machine): Move[] => end(machine, { verdict: "break" });

/** On when it holds; on with the next rule when not; both when nobody can know. */
export const decide = (machine: Machine, holds: Maybe, what: string): Move[] => {
  if (holds === true) return goOn(machine);
  if (holds === false) return miss(machine);
  return [
    { machine, after: "next", doubt: what },
    { machine, after: { verdict: "break" }, doubt: what },
  ];
};

export const withState = (m: Machine, change: Partial<State>): Machine => ({ ...m, state: { ...m.state, ...change } });
