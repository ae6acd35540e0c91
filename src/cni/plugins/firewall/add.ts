/** ADD: the pod's addresses go into the table, and chains that would drop its packets let them pass. */
import { joinFaults } from "../../../base/fault.ts";
import { needPrevResult } from "../../attach/refusals.ts";
import { hold } from "../../filter/held.ts";
import { needsNft } from "../../filter/masquerade.ts";
import { Journal } from "../../journal.ts";
import type { Ports } from "../../plugin.ts";
import type { Request, Result } from "../../spec/types.ts";
import { bridgeBase } from "./bridge-table.ts";
import { openForeign } from "./foreign.ts";
import { addGuards, usersIn } from "./guards.ts";
import { heldBy, isolatedPort } from "./held.ts";
import { legacyWarnings } from "./legacy.ts";
import type { FirewallConfig } from "./parse.ts";
import { tidy } from "./remove.ts";
import { base } from "./table.ts";

/** @throws FaultError, with the host as it was before */
export const add = async (r: Request<FirewallConfig>, { kernel, log }: Ports): Promise<Result> => {
  const prev = needPrevResult(r);
  const held = heldBy(r, prev);
  // An interface without an address: there is nothing that a filter could know it by.
  if (held.length === 0) return prev;
  needsNft(kernel);
  // Looked for before anything is made: what chains are opened by is not taken back.
  const warnings = legacyWarnings(kernel);
  const journal = new Journal(kernel);
  const users = usersIn(held);
  const tidyUp = (): unknown[] => {
    tidy(kernel, users);
    return [];
  };
  journal.add(tidyUp);
  try {
    journal.add(hold(kernel, base, held));
    const port = isolatedPort(r, prev);
    if (port.length > 0) journal.add(hold(kernel, bridgeBase, port));
    addGuards(kernel, users);
    for (const line of [...warnings, ...openForeign(kernel, r.config.adminChain)]) log(line);
    return prev;
  } catch (error) {
    const failed = journal.takeBack();
    throw failed.length > 0 ? joinFaults([error, ...failed]) : error;
  }
};
