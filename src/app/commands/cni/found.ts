/** What a plugin said no to, or found, is an answer (exit status 1); not having been able to ask is not (2). */
import { faultOf } from "../../../base/fault.ts";
import type { Io } from "../../cli/io.ts";
import { showFault } from "../../cli/show-fault.ts";

const answers = ["plugin", "differs", "many"];

export const foundBy = async (io: Io, ask: () => Promise<void>): Promise<0 | 1> => {
  try {
    await ask();
    return 0;
  } catch (error) {
    if (!answers.includes(faultOf(error).kind)) throw error;
    showFault(io, error);
    return 1;
  }
};
