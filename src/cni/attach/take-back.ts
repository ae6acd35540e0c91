/** What a failing ADD does before it says so. */
import { joinFaults } from "../../base/fault.ts";
import type { Journal } from "../journal.ts";
import type { Delegate } from "../plugin.ts";
import type { Request } from "../spec/types.ts";
import { givingBack } from "./give-back.ts";

/** Takes back all that was made and gives the address back, each in its turn. Gives what to throw. */
export const takeBack = async (
  error: unknown,
  journal: Journal,
  r: Request<unknown>,
  ipam: string | undefined,
  delegate: Delegate,
): Promise<unknown> => {
  const errors = [error];
  const failed = (more: unknown): number => errors.push(more);
  const giveBack = givingBack(delegate, ipam, r);
  await giveBack.before().catch(failed);
  const left = journal.takeBack();
  errors.push(...left);
  // An address is free only when no link has it. Also after the delegate's own ADD failed (spec 1.1.0, section 4).
  if (left.length === 0) await giveBack.after().catch(failed);
  return errors.length > 1 ? joinFaults(errors) : error;
};
