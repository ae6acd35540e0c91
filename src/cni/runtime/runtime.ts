/**
 * The CNI runtime: what libcni is to container runtimes. Runs chains of plugins, remembers what it did in libcni's own
 * cache, and keeps the locks that the spec asks of runtimes. The lab, the agent and `podwire cni` use it.
 */
import { add } from "./add.ts";
import { checkNames } from "./before-add.ts";
import { openCache } from "./cache.ts";
import { openCaller } from "./call.ts";
import { check, status } from "./check.ts";
import { loadNetworks } from "./conf-dir.ts";
import { del } from "./del.ts";
import { gc } from "./gc.ts";
import { openLocks } from "./locks.ts";
import { pickNetwork } from "./pick.ts";
import { planRuns } from "./plan.ts";
import { probe } from "./probe.ts";
import { sourceOf, type Tools } from "./source.ts";
import type { Attach, Runtime, RuntimeOptions } from "./types.ts";

export type * from "./types.ts";

export const openRuntime = (options: RuntimeOptions): Runtime => {
  const cache = openCache(options.cacheDir);
  const tools: Tools = { options, cache, caller: openCaller(options) };
  const locks = openLocks(options.cacheDir);
  /** Names are checked first: they become parts of paths. */
  const on = async <T>(attach: Attach, act: () => Promise<T>): Promise<T> => {
    checkNames(attach);
    return await locks.onContainer(attach.containerId, act);
  };
  return {
    networks: () => loadNetworks(options.confDir),
    network: (name) => pickNetwork(options.confDir, name),
    add: (list, attach) => on(attach, () => add(tools, list, attach)),
    del: (list, attach, how) => on(attach, () => del(tools, list, attach, how)),
    check: (list, attach) => on(attach, () => check(tools, list, attach)),
    gc: (list, valid) => locks.onNode(() => gc(tools, list, valid)),
    status: (list) => status(tools, list),
    probe: (list) => probe(tools, list),
    cached: () => cache.list(),
    plan: (verb, list, attach, valid) => {
      if (attach && verb !== "ADD") return planRuns({ ...sourceOf(cache, list, attach), verb }, options.path);
      const whole = typeof list === "string" ? pickNetwork(options.confDir, list) : list;
      return planRuns({ verb, list: whole, attach, valid }, options.path);
    },
  };
};
