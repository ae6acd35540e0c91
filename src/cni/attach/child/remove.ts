/** DEL and GC: the link goes from the pod, and its address is given back. */
import type { Kernel } from "../../../net/kernel.ts";
import { findLink, type Link, listLinks } from "../../../net/links.ts";
import { isMark, markOf, passingName } from "../../mark.ts";
import type { Ports } from "../../plugin.ts";
import type { Request } from "../../spec/types.ts";
import { each } from "../each.ts";
import { givingBack } from "../give-back.ts";
import { needValidAttachments } from "../refusals.ts";
import { openIfThere, removeLinks } from "../veths.ts";
import type { ChildConfig } from "./config.ts";

type R = Request<ChildConfig>;

export const del = async (r: R, { kernel, delegate }: Ports): Promise<void> => {
  const giveBack = givingBack(delegate, r.config.ipam, r);
  await each(giveBack.before, async () => {
    removeChild(kernel, r);
    await giveBack.after();
  });
};

/** Of an attachment nothing is outside its pod but the address. */
export const gc = async (r: R, { delegate }: Ports): Promise<void> => {
  needValidAttachments(r);
  if (r.config.ipam !== undefined) await delegate.gc(r.config.ipam, r);
};

/**
 * A link of our kind under the attachment's name that is no other's, or else what bears its mark: the pod may have renamed
 * it. Links that the reference made have no mark, and are ours to remove after an upgrade.
 */
const removeChild = (kernel: Kernel, r: R): void => {
  const pod = openIfThere(kernel, r.netns);
  if (!pod) return;
  const { kind } = r.config.info;
  const mark = markOf(r);
  const isOurs = (l: Link): boolean => l.kind === kind && (l.alias === mark || !isMark(l.alias));
  const named = findLink(pod, r.ifname);
  const found =
    named && isOurs(named)
      ? [named]
      : listLinks(pod).filter((l) => l.kind === kind && (l.alias === mark || l.name === passingName(r)));
  removeLinks(
    kernel,
    found.map(({ name }) => ({ name, in: r.netns })),
  );
};
