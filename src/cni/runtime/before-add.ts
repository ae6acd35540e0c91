/** Everything that can be refused before ADD touches anything. */
import { statSync } from "node:fs";
import { FaultError } from "../../base/fault.ts";
import { inspectNetns, netnsDir } from "../../kernel/os/netns.ts";
import { openKernel } from "../../net/kernel.ts";
import { findLink } from "../../net/links.ts";
import { findProgram } from "../plugin-path.ts";
import { parsePairs } from "../spec/args.ts";
import type { NetworkList } from "../spec/list.ts";
import { checkContainerId, checkIfname } from "../spec/validate.ts";
import { isWhole } from "./cache-format.ts";
import type { Tools } from "./source.ts";
import type { Attach, CacheEntry } from "./types.ts";

/** @throws FaultError unknown-container, bad-env */
export const checkNames = (attach: Attach): void => {
  checkContainerId(attach.containerId);
  checkIfname(attach.ifname);
  parsePairs(attach.args ?? "");
};

/** @throws FaultError bad-netns, not-found */
export const checkHost = ({ options, caller }: Tools, list: NetworkList, attach: Attach): void => {
  const enter = options.enter ?? ((act) => act());
  const { netns } = attach;
  const kind = enter(() => inspectNetns(netns));
  if (kind === "missing") throw missingNetns(netns);
  if (kind === "not-a-netns")
    throw new FaultError({ kind: "bad-netns", path: netns, why: "is not a network namespace" });
  if (kind === "own" && !/^(1|true)$/i.test(options.env?.CNI_NETNS_OVERRIDE ?? ""))
    throw new FaultError({
      kind: "bad-netns",
      path: netns,
      why: "is the one the plugins run in, not a container's; CNI_NETNS_OVERRIDE=1 allows it",
    });
  for (const plugin of list.plugins) findProgram(plugin.type, caller.path);
};

const missingNetns = (path: string): FaultError => {
  const name = path.startsWith(`${netnsDir}/`) ? path.slice(netnsDir.length + 1) : undefined;
  const fix = name === undefined ? {} : { fix: `ip netns add ${name}` };
  return new FaultError({ kind: "bad-netns", path, why: "does not exist", missing: true, ...fix });
};

/** ADD of what is attached would fail, and undoing that failure would take the network from a running container. */
export const checkFree = (entry: CacheEntry | undefined): void => {
  if (!entry || (!entry.damage && !isWhole(entry))) return;
  const { network, containerId, ifname, netns } = entry;
  throw new FaultError({
    kind: "exists",
    what: `attachment of ${containerId} ${ifname} to ${network}`,
    why: entry.damage ? `is remembered in ${entry.file}, which is damaged` : "is there already",
    fix: `podwire cni del ${network} ${netns || '""'} --container-id ${containerId} --ifname ${ifname}`,
  });
};

/** The interface is there before we begin: then it is not ours to remove. */
export const hasInterface = (attach: Attach): boolean => {
  using kernel = openKernel();
  return findLink(kernel.open(attach.netns), attach.ifname) !== undefined;
};

/** Identity of a namespace while it lives; undefined when it is gone. */
export const netnsIdOf = (path: string): string | undefined => {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat && String(stat.ino);
};
