/** DEL: the chain backwards. Why it does not simply stop, or simply go on, at a failure: docs/decisions/0004-del-keeps-the-address.md. */
import { FaultError, faultMessage, faultOf, joinFaults } from "../../base/fault.ts";
import { stringifyJson } from "../../base/json.ts";
import { codeOf } from "../spec/error.ts";
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
      // One that ADD never came to has nothing to remove; it is asked because the spec says so. Nor has one that does not
      // speak the version: it said so to ADD, too.
      if (i < started && !speaksNot(error)) failed.push({ type: plugin.type, error });
      else caller.log(`${plugin.type}: DEL failed, and ADD had done nothing there: ${faultMessage(faultOf(error))}`);
    }
  }
  return failed.map((f) => f.error);
};

/** The plugin's own words, with the spec's code for an incompatible version. */
const speaksNot = (error: unknown): boolean => codeOf(faultOf(error)) === 1;

const addressKept = (type: string, failed: readonly string[], network: string, attach: Attach): FaultError =>
  new FaultError({
    kind: "unavailable",
    why: `${type} was not asked to DEL: it would free an address that ${failed.join(" and ")} may still point at`,
    fix: `podwire cni del ${network} ${attach.netns || '""'} --container-id ${attach.containerId} --ifname ${attach.ifname} --past-failures`,
  });

/**
 * The chain as ADD used it. Where that fails and the config has been mended since, the config of today: an ADD that was
 * refused for its config could not be cleared away otherwise. It has to name every plugin that ADD used.
 */
export const delRemembered = async (
  tools: Tools,
  source: Source,
  given: NetworkList | string,
  options?: DelOptions,
): Promise<unknown[]> => {
  const errors = await delChain(tools, source, options);
  if (errors.length === 0 || typeof given === "string" || !isMended(source.list, given)) return errors;
  tools.caller.log("DEL failed with the config that ADD used: trying the config of today");
  const started = Math.min(source.started, given.plugins.length);
  const left = await delChain(tools, { ...source, list: given, started }, options);
  return left.length === 0 ? [] : errors;
};

const isMended = (used: NetworkList, given: NetworkList): boolean => {
  const text = (list: NetworkList): string => stringifyJson([list.cniVersion, ...list.plugins.map((p) => p.raw)]);
  return text(used) !== text(given) && used.plugins.every((p) => given.plugins.some((g) => g.type === p.type));
};

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
  const errors = await delRemembered(tools, source, given, options);
  if (errors.length > 0) throw joinFaults(errors);
  tools.cache.remove(keyOf(given, attach));
};
