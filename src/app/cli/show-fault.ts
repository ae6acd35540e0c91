/** A fault as a person reads it: what happened, then the command that mends it. */
import { faultFix, faultMessage, faultOf } from "../../base/fault.ts";
import type { Io } from "./io.ts";

export const showFault = (io: Io, error: unknown): void => {
  const fault = faultOf(error);
  const red = io.color && io.progress ? ["\u001b[31m", "\u001b[0m"] : ["", ""];
  // What a plugin adds to its message is mostly the command that mends it: it gets a line of its own, too.
  const { details, ...rest } = fault.kind === "plugin" ? fault : { ...fault, details: undefined };
  io.err(`${red[0]}error:${red[1]} ${faultMessage(rest)}\n`);
  if (details) io.err(`  details: ${details}\n`);
  const fix = faultFix(fault);
  if (fix) io.err(`  mend it: ${fix}\n`);
};
