/** DEL and GC: elements found by their owner's mark; with the last of them the openings and the table go. */
import { cidrFamily } from "../../../base/cidr.ts";
import { ipBytes } from "../../../base/ip.ts";
import type { Kernel } from "../../../net/kernel.ts";
import { hasTable } from "../../../net/nft/read.ts";
import { dropIfUnused, type Held, type Place, release } from "../../filter/held.ts";
import { removeReferenceAccepts } from "../../filter/reference.ts";
import { commentOf, networkComment } from "../../mark.ts";
import { podAddresses } from "../../prev-result.ts";
import type { Attachment, Request, Result } from "../../spec/types.ts";
import { bridgeBase } from "./bridge-table.ts";
import { closeIfUnused } from "./foreign.ts";
import { syncGuards } from "./guards.ts";
import type { FirewallConfig } from "./parse.ts";
import { owned, pods4, pods6, table } from "./table.ts";

/** After elements have gone: what nobody needs any more goes, too. `guards`: one with a policy may have gone. */
export const tidy = (kernel: Kernel, guards: boolean): void => {
  if (hasTable(kernel.host, bridgeBase.table)) dropIfUnused(kernel, bridgeBase);
  if (guards) syncGuards(kernel);
  if (hasTable(kernel.host, table)) closeIfUnused(kernel, owned);
};

/** Nothing gone: an earlier one may have been stopped before it had tidied, and nobody knows what it took away. */
const tidyAfter = (kernel: Kernel, gone: readonly Held[]): void =>
  tidy(kernel, gone.length === 0 || gone.some((h) => h.set !== pods4 && h.set !== pods6));

const releaseAll = (kernel: Kernel, isOurs: (comment: string) => boolean): Held[] => [
  ...release(kernel, owned, isOurs),
  ...release(kernel, bridgeBase, isOurs),
];

const podPlaces = (prev: Result, r: Request<unknown>): Place[] =>
  podAddresses(prev, r).map((a) => ({ set: cidrFamily(a) === 4 ? pods4 : pods6, key: [ipBytes(a.ip)] }));

/** Takes away what the attachment has: by its addresses when all of it is found so, else wherever it is. */
export const removeAttachment = (kernel: Kernel, r: Request<FirewallConfig>): void => {
  const mark = commentOf(r);
  const isOurs = (comment: string): boolean => comment === mark;
  const places = r.prevResult ? podPlaces(r.prevResult, r) : [];
  const quick = r.config.policy === "open" && places.length > 0;
  const gone: Held[] = quick ? release(kernel, owned, isOurs, places) : [];
  if (!quick || gone.length < places.length) gone.push(...releaseAll(kernel, isOurs));
  if (gone.length > 0 || places.length > 0) tidyAfter(kernel, gone);
  // Of a pod that was there before the upgrade.
  if (r.prevResult)
    removeReferenceAccepts(
      kernel,
      podAddresses(r.prevResult, r).map((a) => a.ip),
    );
};

/** Takes away what attachments of the network have that are not in the list. */
export const removeOthers = (kernel: Kernel, network: string, valid: readonly Attachment[]): void => {
  const keep = new Set(valid.map((a) => commentOf({ network, ...a })));
  const ours = networkComment(network);
  tidyAfter(
    kernel,
    releaseAll(kernel, (comment) => comment.startsWith(ours) && !keep.has(comment)),
  );
};
