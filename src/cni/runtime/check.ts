/** CHECK and STATUS: asking the chain without changing anything. */
import { FaultError, faultMessage, joinFaults } from "../../base/fault.ts";
import type { NetworkList } from "../spec/list.ts";
import { cniVersions } from "../spec/types.ts";
import { hasVerb, verbSince } from "../spec/version.ts";
import { isWhole } from "./cache-format.ts";
import { planRuns } from "./plan.ts";
import { keyOf, type Source, sourceOf, type Tools } from "./source.ts";
import type { Attach } from "./types.ts";

/** Every plugin is asked, also when one before it found something. @throws FaultError */
export const check = async (tools: Tools, given: NetworkList, attach: Attach): Promise<void> => {
  const source = sourceOf(tools.cache, given, attach);
  const { list, prevResult } = source;
  if (!hasVerb(list.cniVersion, "CHECK"))
    throw new FaultError({
      kind: "version",
      got: list.cniVersion,
      supported: cniVersions.filter((v) => hasVerb(v, "CHECK")),
      why: `network ${list.name}: CHECK came with CNI ${verbSince.CHECK}`,
    });
  if (list.disableCheck) return;
  checkRemembered(source);
  const errors: unknown[] = [];
  for (const run of planRuns({ verb: "CHECK", list, attach: source.attach, prevResult }, tools.caller.path))
    await tools.caller.call(run).catch((error: unknown) => errors.push(error));
  if (errors.length > 0) throw joinFaults(errors);
};

/** CHECK compares with the result of ADD: without it there is nothing to compare with. */
const checkRemembered = ({ list, attach, entry }: Source): void => {
  const { network, containerId, ifname } = keyOf(list, attach);
  const what = `attachment of ${containerId} ${ifname} to ${network}`;
  const where = `${network} ${attach.netns} --container-id ${containerId} --ifname ${ifname}`;
  const fix = `podwire cni del ${where} && podwire cni add ${where}`;
  if (!entry) throw new FaultError({ kind: "not-found", what, why: "nothing is remembered of it", fix });
  if (entry.damage)
    throw new FaultError({
      kind: "unavailable",
      why: `${what}: what ADD left cannot be read: ${faultMessage(entry.damage)}`,
      fix,
    });
  const p = entry.progress;
  if (p && !isWhole(entry))
    throw new FaultError({ kind: "differs", what, seen: `ADD of ${p.finished} plugins`, want: `ADD of ${p.of}`, fix });
};

/** Stops at the first plugin that is not ready, so that its code is kept; before 1.1.0 there is nothing to ask. @throws FaultError plugin */
export const status = async ({ caller }: Tools, list: NetworkList): Promise<void> => {
  for (const run of planRuns({ verb: "STATUS", list }, caller.path)) await caller.call(run);
};
