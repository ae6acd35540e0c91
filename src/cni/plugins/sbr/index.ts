/** Meta plugin `sbr`: source based routing. A packet takes the routes of the interface whose address it is sent from. */

import { apply } from "../../../net/apply.ts";
import { waitForDad } from "../../../net/dad.ts";
import { needPrevResult } from "../../attach/refusals.ts";
import type { Plugin, Ports } from "../../plugin.ts";
import type { Request, Result } from "../../spec/types.ts";
import type { SbrConfig } from "./config.ts";
import { face } from "./face.ts";
import { sbrKeys } from "./keys.ts";
import { needSources } from "./own.ts";
import { parseConfig } from "./parse.ts";
import { planAdd } from "./plan.ts";
import { removeRules } from "./remove.ts";
import { readState } from "./state.ts";

type R = Request<SbrConfig>;

/** Gives the result that it got. @throws FaultError, with the pod as it was before */
const add = async (r: R, { kernel }: Ports): Promise<Result> => {
  const prev = needPrevResult(r);
  const sources = needSources(prev, r.ifname);
  const ns = kernel.open(r.netns);
  const steps = planAdd(r, sources, readState(ns, r));
  // The kernel takes no source that may yet turn out to be another's.
  if (steps.some((s) => s.do === "route.append" && s.route.src?.includes(":"))) waitForDad(ns, r.ifname);
  apply(kernel, steps);
  return prev;
};

export const sbr: Plugin<SbrConfig> = {
  ...face,
  keys: sbrKeys,
  parse: parseConfig,
  add,
  del: async (r, { kernel }) => removeRules(kernel, r),
  check: async (r, { kernel }) => (await import("./check.ts")).check(r, kernel),
  // All that is made is in the pod's namespace, and goes with it.
  gc: async () => {},
  status: async (_, { kernel }) => (await import("./status.ts")).status(kernel),
};
