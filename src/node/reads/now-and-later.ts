/** What a firewall manager lets in now, by the kernel's rules, beside what it will let in when it is loaded again. */
import { FaultError } from "../../base/fault.ts";
import type { OwnerName, Ruleset } from "../firewall/ruleset/model.ts";
import type { Host } from "../host.ts";
import { type Door, ownerOf, tryDoors } from "./doors.ts";

export interface DoorState {
  readonly door: Door;
  /** Undefined when the kernel may not be asked, or the manager does not run. */
  readonly now: boolean | undefined;
  readonly later: boolean;
}

/** The kernel shows rules to root alone; a manager's files still say something. */
export const rulesetOrNone = (host: Host): Ruleset | undefined => {
  try {
    return host.ruleset;
  } catch (error) {
    if (error instanceof FaultError && error.fault.kind === "permission") return undefined;
    throw error;
  }
};

/** Whether any chain in the kernel is this manager's. */
export const isLoaded = (ruleset: Ruleset | undefined, owner: OwnerName): boolean =>
  ruleset?.tables.some(({ chains }) => [...chains.values()].some((c) => c.owner === owner)) ?? false;

export const nowAndLater = (
  ruleset: Ruleset | undefined,
  owner: OwnerName,
  doors: readonly Door[],
  later: (door: Door) => boolean,
): DoorState[] => {
  const tried = ruleset && isLoaded(ruleset, owner) ? tryDoors(ruleset, doors) : undefined;
  return doors.map((door, i) => {
    const one = tried?.[i];
    // What another than the manager drops is told by another check.
    const dropped = one?.is === "closed" && one.by !== undefined && ownerOf(ruleset!, one.by) === owner;
    return { door, now: tried ? !dropped : undefined, later: later(door) };
  });
};
