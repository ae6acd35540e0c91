/** ADD: one address of each range set, all of them or none. */
import { FaultError } from "../../../base/fault.ts";
import type { Ip } from "../../../base/ip.ts";
import type { HostLocalConfig } from "./config.ts";
import { type Candidate, tryCandidates } from "./cursor.ts";
import { type RangeSet, rangeOf, rangeText, setText } from "./ranges.ts";
import { ownerText, type Store } from "./store.ts";

export interface Allocation {
  readonly network: string;
  readonly containerId: string;
  readonly ifname: string;
}

/** Which requested address each set has to give: undefined for any. @throws FaultError ip-taken */
export const assignRequested = (config: HostLocalConfig): readonly (Candidate | undefined)[] => {
  const left = new Set(config.requested);
  const assigned = config.sets.map((set) => {
    for (const ip of left) {
      const range = rangeOf(set, ip);
      if (!range) continue;
      left.delete(ip);
      if (ip === range.gateway)
        throw new FaultError({ kind: "ip-taken", ip, why: `it is the gateway of range ${rangeText(range)}` });
      return { ip, range };
    }
    return undefined;
  });
  if (left.size > 0)
    throw new FaultError({
      kind: "ip-taken",
      ip: [...left].join(", "),
      why: `asked for, but not in a range that still owes an address (${config.sets.map(setText).join("; ")})`,
    });
  return assigned;
};

/** @throws FaultError exists (duplicate allocation), ip-taken, range-full, io; nothing stays reserved then */
export const allocate = (store: Store, config: HostLocalConfig, who: Allocation): readonly Candidate[] => {
  const assigned = assignRequested(config);
  refuseDuplicate(store, config.sets, who);
  const owner = ownerText(who.containerId, who.ifname);
  const done: Candidate[] = [];
  try {
    for (const [i, set] of config.sets.entries()) {
      const want = assigned[i];
      done.push(want ? takeRequested(store, want, owner) : takeNext(store, set, i, owner, who.network));
    }
    for (const [i, { ip }] of done.entries()) store.setLastReserved(i, ip);
  } catch (error) {
    for (const { ip } of done.reverse()) store.release(ip, owner);
    throw error;
  }
  return done;
};

const refuseDuplicate = (store: Store, sets: readonly RangeSet[], who: Allocation): void => {
  // The second kind of owner is what early versions of the reference wrote.
  const held = [...store.held(ownerText(who.containerId, who.ifname)), ...store.held(who.containerId)];
  const ip = held.find((x) => sets.some((set) => rangeOf(set, x)));
  if (ip === undefined) return;
  throw new FaultError({
    kind: "exists",
    what: `address of ${who.ifname} in container ${who.containerId}`,
    why: `${ip} has been allocated to it, duplicate allocation is not allowed: DEL comes before another ADD`,
    fix: `podwire cni del ${who.network} --container-id ${who.containerId} --ifname ${who.ifname}`,
  });
};

const takeRequested = (store: Store, want: Candidate, owner: string): Candidate => {
  if (store.reserve(want.ip, owner)) return want;
  const by = store.owner(want.ip)?.replace("\r\n", " ");
  throw new FaultError({ kind: "ip-taken", ip: want.ip, ...(by && { by }) });
};

/** Files looked at one by one before the directory is listed once instead. */
const patience = 32;

/** The first candidate that is not taken. `list` names all that are; it is asked only after several misses. */
export const firstFree = (
  set: RangeSet,
  last: Ip | undefined,
  taken: (ip: Ip) => boolean,
  list: () => ReadonlySet<string>,
): Candidate | { readonly held: number } => {
  let names: ReadonlySet<string> | undefined;
  let held = 0;
  let free: Candidate | undefined;
  tryCandidates(set, last, (ip, range) => {
    if (!(names ? names.has(ip) : taken(ip))) free = { ip, range };
    else if (++held === patience) names = list();
    return free !== undefined;
  });
  return free ?? { held };
};

const takeNext = (store: Store, set: RangeSet, index: number, owner: string, network: string): Candidate => {
  const found = firstFree(
    set,
    store.lastReserved(index),
    (ip) => store.taken(ip),
    () => store.addresses(),
  );
  if ("held" in found) throw rangeFull(network, set, found.held);
  if (store.reserve(found.ip, owner)) return found;
  throw new FaultError({ kind: "busy", what: `address ${found.ip}`, why: "it was taken without the network's lock" });
};

export const rangeFull = (network: string, set: RangeSet, held: number): FaultError =>
  new FaultError({
    kind: "range-full",
    network,
    range: setText(set),
    why: `no free address in network ${JSON.stringify(network)}, range ${setText(set)}: all ${held} are held`,
    fix: `podwire cni gc ${network} --keep-living`,
  });
