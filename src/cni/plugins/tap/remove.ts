/** DEL: the device of one attachment, wherever it is in the pod. */
import type { Kernel } from "../../../net/kernel.ts";
import { findLink, type Link, listLinks } from "../../../net/links.ts";
import { openIfThere, removeLinks } from "../../attach/veths.ts";
import { isMark, markOf } from "../../mark.ts";
import type { Request } from "../../spec/types.ts";

/** What is gone already will do; with the namespace went the device. @throws FaultError */
export const removeTap = (kernel: Kernel, r: Request<unknown>): void => {
  const pod = openIfThere(kernel, r.netns);
  if (!pod) return;
  const mark = markOf(r);
  const named = findLink(pod, r.ifname);
  // One without a mark was made by the reference, or by an ADD that was killed.
  const ours = named && isTun(named) && (named.alias === mark || !isMark(named.alias)) ? [named] : [];
  // Not there under its name: renamed.
  const found = ours.length > 0 ? ours : listLinks(pod).filter((l) => isTun(l) && l.alias === mark);
  removeLinks(
    kernel,
    found.map(({ name }) => ({ name, in: r.netns })),
  );
};

const isTun = (l: Link): boolean => l.kind === "tun";
