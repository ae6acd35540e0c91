/** ADD: the chain forwards, remembered step by step, so that a failed or killed one can be undone with what it knew. */
import { faultMessage, faultOf, joinFaults } from "../../base/fault.ts";
import type { NetworkList } from "../spec/list.ts";
import { emptyResult } from "../spec/result.ts";
import type { Result } from "../spec/types.ts";
import { checkFree, checkHost, hasInterface, netnsIdOf } from "./before-add.ts";
import { readAdded } from "./call.ts";
import { delChain, delRemembered } from "./del.ts";
import { planRun, unusedCapabilities } from "./plan.ts";
import { keyOf, sourceOf, type Tools } from "./source.ts";
import type { Attach } from "./types.ts";

/** @throws FaultError: the plugin's own, or `many` when undoing failed too */
export const add = async (tools: Tools, list: NetworkList, attach: Attach): Promise<Result> => {
  const { cache, caller } = tools;
  const key = keyOf(list, attach);
  const left = cache.read(key);
  checkFree(left);
  checkHost(tools, list, attach);
  for (const name of unusedCapabilities(list, attach))
    caller.log(`capability ${name} was given and no plugin of ${list.name} declares it`);
  if (left) await clearLeft(tools, list, attach);
  const foreign = hasInterface(attach);
  const chain: Chain = { started: 0, finished: 0, result: undefined };
  try {
    return await run(tools, list, attach, chain, foreign);
  } catch (error) {
    const foreignKept = foreign && chain.finished === 0;
    if (foreignKept) caller.log(`${attach.ifname} was there before: it is left as it is`);
    const source = { list, attach, prevResult: chain.result, started: chain.started };
    const failed = foreignKept || chain.started === 0 ? [] : await delChain(tools, source);
    if (failed.length === 0) cache.remove(key);
    else caller.log("not all of it could be undone: it is remembered, and the next add, del or gc tries again");
    // A plugin that refuses a config says the same to ADD and to DEL: once is enough, and its code is kept.
    const news = failed.filter((f) => faultMessage(faultOf(f)) !== faultMessage(faultOf(error)));
    throw news.length === 0 ? error : joinFaults([error, ...news]);
  }
};

interface Chain {
  started: number;
  finished: number;
  result: Result | undefined;
}

const run = async (
  tools: Tools,
  list: NetworkList,
  attach: Attach,
  chain: Chain,
  foreign: boolean,
): Promise<Result> => {
  const { cache, caller } = tools;
  const of = list.plugins.length;
  const netnsId = netnsIdOf(attach.netns);
  const remember = (started: number) =>
    cache.write({ list, attach, netnsId, result: chain.result, progress: { started, finished: chain.finished, of } });
  for (const [i, plugin] of list.plugins.entries()) {
    await remember(i + 1);
    chain.started = i + 1;
    const prevResult = chain.result;
    const again = (): Promise<unknown> =>
      caller.call(planRun({ verb: "DEL", list, attach, prevResult }, plugin, caller.path));
    const ask = planRun({ verb: "ADD", list, attach, prevResult }, plugin, caller.path);
    const stdout = await caller.call(ask, foreign && i === 0 ? undefined : again);
    chain.result = readAdded(plugin.type, stdout, list.cniVersion);
    chain.finished = i + 1;
  }
  await remember(of);
  return chain.result ?? emptyResult;
};

/** An ADD of the same attachment that was killed before its end. */
const clearLeft = async (tools: Tools, list: NetworkList, attach: Attach): Promise<void> => {
  tools.caller.log(`undoing an ADD of ${attach.containerId} ${attach.ifname} that did not come to its end`);
  const errors = await delRemembered(tools, sourceOf(tools.cache, list, attach), list);
  if (errors.length > 0) throw joinFaults(errors);
  tools.cache.remove(keyOf(list, attach));
};
