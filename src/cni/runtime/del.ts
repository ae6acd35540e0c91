/** DEL: the chain backwards. Why it does not simply stop, or simply go on, at a failure: docs/decisions/cni-del.md. */
import { FaultError, faultMessage, faultOf, joinFaults } from "../../base/fault.ts";
import type { NetworkList } from "../spec/list.ts";
import { planRun } from "./plan.ts";
import { keyOf, type Source, sourceOf, type Tools } from "./source.ts";
import type { Attach, DelOptions } from "./types.ts";

/** Gives what failed, empty when all is gone. */
export const delChain = async ({ caller }: Tools, source: Source, options: DelOptions = {}): Promise<unknown[]> => {
  const { list, attach, prevResult, started } = source;
  const failed: { type: string; error: unknown }[] = [];
  for (const [i, plugin] of [...list.plugins.entries()].reverse()) {
    const holdsAddress = i === 0 || plugin.ipam !== undefined;
    if (failed.length > 0 && holdsAddress && !options.pastFailures) {
      const error = addressKept(
        plugin.type,
        failed.map((f) => f.type),
        list.name,
        attach,
      );
      return [...failed.map((f) => f.error), error];
    }
    try {
      await caller.call(planRun({ verb: "DEL", list, attach, prevResult }, plugin, caller.path));
    } catch (error) {
      // One that ADD never came to has nothing to remove; it is asked because the spec says so.
      if (i < started) failed.push({ type: plugin.type, error });
      else caller.log(`${plugin.type}: DEL failed, and ADD had not come to it: ${faultMessage(faultOf(error))}`);
    }
  }
  return failed.map((f) => f.error);
};

const addressKept = (type: string, failed: readonly string[], network: string, attach: Attach): FaultError =>
  new FaultError({
    kind: "unavailable",
    why: `${type} was not asked to DEL: it would free an address that ${failed.join(" and ")} may still point at`,
    fix: `podwire cni del ${network} ${attach.netns || '""'} --container-id ${attach.containerId} --ifname ${attach.ifname} --past-failures`,
  });

/** @throws FaultError; what is remembered stays until DEL succeeds */
export const del = async (
  tools: Tools,
  given: NetworkList | string,
  attach: Attach,
  options?: DelOptions,
): Promise<void> => {
  const source = sourceOf(tools.cache, given, attach);
  const damage = source.entry?.damage;
  if (damage) tools.caller.log(`what ADD left is damaged, going on with the rest: ${faultMessage(damage)}`);
  const errors = await delChain(tools, source, options);
  if (errors.length > 0) throw joinFaults(errors);
  tools.cache.remove(keyOf(given, attach));
};
