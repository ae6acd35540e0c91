/** DEL and GC: the devices of attachments, found by name and mark, taken away. */
import { joinFaults } from "../../../base/fault.ts";
import { applyEach } from "../../../net/apply.ts";
import type { Kernel } from "../../../net/kernel.ts";
import { findLink, type Link, listLinks } from "../../../net/links.ts";
import { birthGroup, markOf, networkMark, type Owner } from "../../mark.ts";
import type { Attachment } from "../../spec/types.ts";
import { ifbName, referenceIfbName } from "./names.ts";

const isIfb = (l: Link): boolean => l.kind === "ifb";

/** Also those of the reference, which have no mark, and those of an ADD that was killed before it could give one. */
export const removeAttachment = (kernel: Kernel, owner: Owner): void => {
  const mark = markOf(owner);
  const names = [ifbName(owner, "ingress"), ifbName(owner, "egress"), referenceIfbName(owner)];
  const found = names.map((name) => findLink(kernel.host, name)).filter((l) => l !== undefined);
  del(
    kernel,
    found.filter((l) => isIfb(l) && (l.alias === undefined || l.alias === mark)),
  );
};

/** No ADD is on its way during GC (spec 1.1.0, section 4): one without a mark, in the group of the network, is nobody's. */
export const removeOthers = (kernel: Kernel, network: string, valid: readonly Attachment[]): void => {
  const keep = new Set(valid.map((a) => markOf({ network, ...a })));
  const ours = networkMark(network);
  const unmarked = birthGroup(network);
  del(
    kernel,
    listLinks(kernel.host).filter(
      ({ alias, group, ...l }) =>
        l.kind === "ifb" && (alias === undefined ? group === unmarked : alias.startsWith(ours) && !keep.has(alias)),
    ),
  );
};

const del = (kernel: Kernel, links: readonly Link[]): void => {
  const steps = links.map(({ name }) => ({ do: "link.del", in: "", name, orGone: true }) as const);
  const { failed } = applyEach(kernel, steps);
  if (failed.length > 0) throw joinFaults(failed.map((f) => f.error));
};
