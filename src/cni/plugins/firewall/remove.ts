/** DEL and GC: elements found by their owner's mark; with the last of them the openings and the table go. */
import type { Kernel } from "../../../net/kernel.ts";
import { dropIfUnused, type Held, release } from "../../filter/held.ts";
import { removeReferenceAccepts } from "../../filter/reference.ts";
import { commentOf, networkComment } from "../../mark.ts";
import { podAddresses } from "../../prev-result.ts";
import type { Attachment, Request } from "../../spec/types.ts";
import { bridgeBase } from "./bridge-table.ts";
import { closeIfUnused } from "./foreign.ts";
import { dropGuards, usersIn } from "./guards.ts";
import { placesOf } from "./held.ts";
import type { FirewallConfig } from "./parse.ts";
import { owned } from "./table.ts";

/** After elements have gone: what nobody needs any more goes, too. `users`: those with a policy, when they are known. */
export const tidy = (kernel: Kernel, users?: readonly Held[]): void => {
  dropIfUnused(kernel, bridgeBase);
  if (users === undefined || users.length > 0) dropGuards(kernel, users);
  closeIfUnused(kernel, owned);
};

/** Nothing gone: an earlier one may have been stopped before it had tidied, and nobody knows what it took away. */
const tidyAfter = (kernel: Kernel, gone: readonly Held[]): void =>
  tidy(kernel, gone.length === 0 ? undefined : usersIn(gone));

const releaseAll = (kernel: Kernel, isOurs: (comment: string) => boolean): Held[] => [
  ...release(kernel, owned, isOurs),
  ...release(kernel, bridgeBase, isOurs),
];

/** Takes away what the attachment has: where the result tells when all of it is found so, else wherever it is. */
export const removeAttachment = (kernel: Kernel, r: Request<FirewallConfig>): void => {
  const mark = commentOf(r);
  const isOurs = (comment: string): boolean => comment === mark;
  const told = r.prevResult && placesOf(r, r.prevResult);
  const gone: Held[] = told
    ? [...release(kernel, owned, isOurs, told.inet), ...release(kernel, bridgeBase, isOurs, told.bridge)]
    : [];
  if (!told || told.made === 0 || gone.length < told.made) gone.push(...releaseAll(kernel, isOurs));
  if (gone.length > 0 || (told && told.made > 0)) tidyAfter(kernel, gone);
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
