/** A fault as a person reads it: what happened, then the command that mends it. Of several, each has its lines. */
import { type Fault, faultFix, faultMessage, faultOf } from "../../base/fault.ts";
import type { Io } from "./io.ts";

export const showFault = (io: Io, error: unknown): void => {
  const red = io.color && io.progress ? ["\u001b[31m", "\u001b[0m"] : ["", ""];
  for (const fault of eachOf(faultOf(error))) io.err(`${red[0]}error:${red[1]} ${linesOf(fault).join("\n  ")}\n`);
};

const eachOf = (fault: Fault): readonly Fault[] => (fault.kind === "many" ? fault.of.flatMap(eachOf) : [fault]);

/** The message, and the lines below it. */
const linesOf = (fault: Fault): string[] => {
  // What a plugin adds to its message is mostly the command that mends it: it gets a line of its own, too.
  const { details, errors, ...rest } =
    fault.kind === "plugin" ? fault : { ...fault, details: undefined, errors: undefined };
  if (errors && fault.kind === "plugin")
    return [
      `plugin ${fault.plugin}: ${errors.length} problems`,
      ...errors.flatMap((e) => [e.msg, ...(e.details ? [`  details: ${e.details}`] : [])]),
    ];
  const fix = faultFix(fault);
  return [faultMessage(rest), ...(details ? [`details: ${details}`] : []), ...(fix ? [`mend it: ${fix}`] : [])];
};
