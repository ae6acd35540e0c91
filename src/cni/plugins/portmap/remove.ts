/** DEL and GC: elements found by their owner's mark, and what led to them forgotten. */
import type { Cidr } from "../../../base/cidr.ts";
import type { Kernel } from "../../../net/kernel.ts";
import type { BaseOfTable } from "../../../net/nft/base.ts";
import { listChains, listTables } from "../../../net/nft/read.ts";
import { hasNft } from "../../../net/nft/transact.ts";
import type { Table } from "../../../net/nft/types.ts";
import { dropChains, dropIfUnused, type Held, release } from "../../filter/held.ts";
import { removeReferenceMappings } from "../../filter/reference.ts";
import { commentOf, networkComment } from "../../mark.ts";
import { podAddresses } from "../../prev-result.ts";
import type { Attachment, Request } from "../../spec/types.ts";
import { forgetLed } from "./flows.ts";
import { heldBy, placesOf } from "./held.ts";
import type { PortmapConfig } from "./parse.ts";
import { baseOf, isOurTable, isWithin, pods4, pods6, tableFor } from "./table.ts";

/** Deletes the chains of subnets that these elements were the last to name, and a table that nobody needs. */
export const dropUnused = (kernel: Kernel, base: BaseOfTable, gone: readonly Held[]): unknown[] => {
  const named = gone.flatMap(({ element: { data } }) => (data && "chain" in data && data.chain ? [data.chain] : []));
  dropChains(kernel, base, [...new Set(named)].filter(isWithin));
  dropIfUnused(kernel, base);
  return [];
};

const finish = (kernel: Kernel, base: BaseOfTable, gone: readonly Held[]): void => {
  if (gone.length === 0) return;
  forgetLed(kernel, gone);
  dropUnused(kernel, base, gone);
};

/** From every table of ours: the conditions may have been others at ADD. True when there was something. */
const releaseEverywhere = (kernel: Kernel, isOurs: (comment: string) => boolean): boolean => {
  let any = false;
  for (const table of ourTables(kernel)) {
    const base = baseOf(table);
    const gone = release(kernel, base, isOurs);
    finish(kernel, base, gone);
    any ||= gone.length > 0;
  }
  return any;
};

/** What an ADD or DEL that was killed has left: chains that nobody names, tables that nobody needs. */
const tidyEverywhere = (kernel: Kernel): void => {
  for (const table of ourTables(kernel)) {
    const chains = (listChains(kernel.host, table) ?? []).map((c) => c.name).filter(isWithin);
    dropChains(kernel, baseOf(table), chains);
    dropIfUnused(kernel, baseOf(table));
  }
};

/** None where nf_tables is not there. */
const ourTables = (kernel: Kernel): Table[] =>
  hasNft(kernel.host) ? listTables(kernel.host, "inet").filter(isOurTable) : [];

const isPod = ({ set }: Held): boolean => set === pods4 || set === pods6;

/** Takes away what the attachment has. The result tells whether there is anything, the config where it is. */
export const removeAttachment = (kernel: Kernel, r: Request<PortmapConfig>): void => {
  const addresses = r.prevResult ? podAddresses(r.prevResult, r) : [];
  // Of a pod that was there before the upgrade.
  if (removeReferenceMappings(kernel, r)) forgetLed(kernel, heldBy(r, r.config, addresses));
  removeOwn(kernel, r, addresses);
};

const removeOwn = (kernel: Kernel, r: Request<PortmapConfig>, addresses: readonly Cidr[]): void => {
  const mark = commentOf(r);
  const isOurs = (comment: string): boolean => comment === mark;
  let any = false;
  if (addresses.length > 0) {
    const base = baseOf(tableFor(r.config));
    const gone = release(kernel, base, isOurs, placesOf(r.config, addresses));
    finish(kernel, base, gone);
    any = gone.length > 0;
    const all = heldBy(r, r.config, addresses).length;
    // A pod without an element of its own has no mapping: most pods, and no reason to look through everything.
    if (gone.length === all || (r.config.mappings.length === 0 && !gone.some(isPod))) return;
  }
  if (!releaseEverywhere(kernel, isOurs) && !any) tidyEverywhere(kernel);
};

/** Takes away what attachments of the network have that are not in the list, and what a DEL that was killed has left. */
export const removeOthers = (kernel: Kernel, network: string, valid: readonly Attachment[]): void => {
  const keep = new Set(valid.map((a) => commentOf({ network, ...a })));
  const ours = networkComment(network);
  releaseEverywhere(kernel, (comment) => comment.startsWith(ours) && !keep.has(comment));
  tidyEverywhere(kernel);
};
