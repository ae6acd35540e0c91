/** What a failing ADD does before it says so. */
import { joinFaults } from "../../base/fault.ts";
import type { Journal } from "../journal.ts";
import type { Delegate } from "../plugin.ts";
import type { Request } from "../spec/types.ts";

/** Takes back all that was made, then gives the address back. Gives what to throw. */
export const takeBack = async (
  error: unknown,
  journal: Journal,
  r: Request<unknown>,
  ipam: string | undefined,
  delegate: Delegate,
): Promise<unknown> => {
  const errors = [error, ...journal.takeBack()];
  // An address is free only when no link has it. Also after the delegate's own ADD failed (spec 1.1.0, section 4).
  if (ipam !== undefined && errors.length === 1)
    await delegate.del(ipam, r).catch((failed: unknown) => errors.push(failed));
  return errors.length > 1 ? joinFaults(errors) : error;
};
