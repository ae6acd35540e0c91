/** DEL and GC: elements found by their owner's mark, and what led to them forgotten. */
import type { Kernel } from "../../../net/kernel.ts";
import { dropChains, dropIfUnused, type Held, release } from "../../filter/held.ts";
import { commentOf, networkComment } from "../../mark.ts";
import { podAddresses } from "../../prev-result.ts";
import type { Attachment, Request } from "../../spec/types.ts";
import { forgetLed } from "./flows.ts";
import { heldBy, placesOf } from "./held.ts";
import { defaultMarkBit, type PortmapConfig } from "./parse.ts";
import { baseFor, isWithin, pods4, pods6 } from "./table.ts";

const base = baseFor(defaultMarkBit, []);

/** Deletes the chains of subnets that these elements were the last to name, and a table that nobody needs. */
export const dropUnused = (kernel: Kernel, gone: readonly Held[]): unknown[] => {
  const named = gone.flatMap(({ element: { data } }) => (data && "chain" in data && data.chain ? [data.chain] : []));
  dropChains(kernel, base, [...new Set(named)].filter(isWithin));
  dropIfUnused(kernel, base);
  return [];
};

const finish = (kernel: Kernel, gone: readonly Held[]): void => {
  if (gone.length === 0) return;
  forgetLed(kernel, gone);
  dropUnused(kernel, gone);
};

const isPod = ({ set }: Held): boolean => set === pods4 || set === pods6;

/** Takes away what the attachment has. The result tells whether there is anything, the config where it is. */
export const removeAttachment = (kernel: Kernel, r: Request<PortmapConfig>): void => {
  const mark = commentOf(r);
  const isOurs = (comment: string): boolean => comment === mark;
  const addresses = r.prevResult ? podAddresses(r.prevResult, r) : [];
  let gone: Held[] = [];
  if (addresses.length > 0) {
    gone = release(kernel, base, isOurs, placesOf(r.config, addresses));
    const all = heldBy(r, r.config, addresses).length;
    // A pod without an element of its own has no mapping: most pods, and no reason to look through everything.
    const isAll = gone.length === all || (r.config.mappings.length === 0 && !gone.some(isPod));
    if (!isAll) gone = [...gone, ...release(kernel, base, isOurs)];
  } else gone = release(kernel, base, isOurs);
  finish(kernel, gone);
};

/** Takes away what attachments of the network have that are not in the list. */
export const removeOthers = (kernel: Kernel, network: string, valid: readonly Attachment[]): void => {
  const keep = new Set(valid.map((a) => commentOf({ network, ...a })));
  const ours = networkComment(network);
  finish(
    kernel,
    release(kernel, base, (comment) => comment.startsWith(ours) && !keep.has(comment)),
  );
};
