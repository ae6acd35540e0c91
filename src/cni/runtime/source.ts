/** What DEL and CHECK go by: the config and result of the ADD, as the cache has them, before what the caller says. */
import { FaultError, faultMessage } from "../../base/fault.ts";
import type { NetworkList } from "../spec/list.ts";
import type { Result } from "../spec/types.ts";
import type { Cache } from "./cache.ts";
import type { Caller } from "./call.ts";
import type { Attach, CacheEntry, RuntimeOptions } from "./types.ts";

/** What every operation works with. */
export interface Tools {
  readonly options: RuntimeOptions;
  readonly caller: Caller;
  readonly cache: Cache;
}

export interface Source {
  readonly list: NetworkList;
  readonly attach: Attach;
  readonly prevResult?: Result | undefined;
  /** How many plugins, from the start of the chain, ADD had started; all of them when nothing is known. */
  readonly started: number;
  readonly entry?: CacheEntry | undefined;
}

export const keyOf = (list: NetworkList | string, attach: Attach) => ({
  network: typeof list === "string" ? list : list.name,
  containerId: attach.containerId,
  ifname: attach.ifname,
});

/** @throws FaultError not-found when neither the cache nor the caller has a config */
export const sourceOf = (cache: Cache, given: NetworkList | string, attach: Attach): Source => {
  const entry = cache.read(keyOf(given, attach));
  const list = entry?.list ?? (typeof given === "string" ? undefined : given);
  if (!list)
    throw new FaultError({
      kind: "not-found",
      what: `the config of network ${JSON.stringify(given)}`,
      why: entry?.damage
        ? `no file has it, and what ADD left cannot be read: ${faultMessage(entry.damage)}`
        : `no file has it, and nothing is remembered of ${attach.containerId} ${attach.ifname}`,
      fix: "podwire cni list",
    });
  return {
    list,
    attach: {
      ...attach,
      args: attach.args ?? entry?.args ?? "",
      capabilityArgs: attach.capabilityArgs ?? entry?.capabilityArgs ?? {},
    },
    prevResult: entry?.result,
    started: entry?.progress?.started ?? list.plugins.length,
    entry,
  };
};
