/** GC: what is remembered of a network and lives no more is deleted, then each plugin collects what no one remembers. */
import { FaultError, faultMessage, joinFaults } from "../../base/fault.ts";
import { inspectNetns } from "../../kernel/os/netns.ts";
import type { NetworkList } from "../spec/list.ts";
import type { Attachment } from "../spec/types.ts";
import { netnsIdOf } from "./before-add.ts";
import { delRemembered } from "./del.ts";
import { planRuns } from "./plan.ts";
import { keyOf, sourceOf, type Tools } from "./source.ts";
import type { Attach, CacheEntry } from "./types.ts";

/** @throws FaultError bad-value without a list; `many` with everything that failed, after all was tried */
export const gc = async (tools: Tools, list: NetworkList, valid: readonly Attachment[] | undefined): Promise<void> => {
  // No list is not an empty list: taking it for one would disconnect every container of the node.
  if (!valid)
    throw new FaultError({
      kind: "bad-value",
      what: "valid attachments",
      got: "no list",
      want: "the attachments that live, or an empty list when none does",
    });
  if (list.disableGC) {
    tools.caller.log(`network ${list.name}: disableGC is set, nothing is collected`);
    return;
  }
  const errors: unknown[] = [];
  for (const entry of staleEntries(tools, list.name, valid)) errors.push(...(await collect(tools, list, entry)));
  for (const run of planRuns({ verb: "GC", list, valid }, tools.caller.path))
    await tools.caller.call(run).catch((error: unknown) => errors.push(error));
  if (errors.length > 0) throw joinFaults(errors);
};

const staleEntries = ({ cache, caller }: Tools, network: string, valid: readonly Attachment[]): CacheEntry[] => {
  const lives = new Set(valid.map((a) => `${a.containerId}/${a.ifname}`));
  return cache.list().filter((entry) => {
    if (entry.network === "" && entry.damage)
      caller.log(`left as it is, since it cannot be told whose it is: ${faultMessage(entry.damage)}`);
    return entry.network === network && !lives.has(`${entry.containerId}/${entry.ifname}`);
  });
};

const collect = async (tools: Tools, list: NetworkList, entry: CacheEntry): Promise<unknown[]> => {
  const enter = tools.options.enter ?? ((act) => act());
  const attach: Attach = {
    containerId: entry.containerId,
    ifname: entry.ifname,
    netns: enter(() => netnsOf(entry)),
    args: entry.args,
    capabilityArgs: entry.capabilityArgs,
  };
  const errors = await delRemembered(tools, sourceOf(tools.cache, list, attach), list);
  if (errors.length === 0) tools.cache.remove(keyOf(list, attach));
  return errors;
};

/** The namespace, if the path still means the one that was attached: a PID that is used again means another's. */
const netnsOf = ({ netns, netnsId }: CacheEntry): string => {
  if (netns === "" || inspectNetns(netns) !== "other") return "";
  return netnsId === undefined || netnsIdOf(netns) === netnsId ? netns : "";
};

/** The namespace that was attached is still there. */
export const isLiving = (entry: CacheEntry): boolean => netnsOf(entry) !== "";
