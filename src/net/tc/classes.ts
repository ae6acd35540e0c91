/** Classes of classful qdiscs: the verbs of `tc class`. */
import { F } from "../../kernel/codec/message.ts";
import { type ClassInfo, RTM_CLASS, tclass } from "../../kernel/codec/route/tc.ts";
import type { Op } from "../../kernel/os/syscall.ts";
import type { Netns } from "../kernel.ts";
import { linkIndex } from "../links.ts";

export interface ClassSpec {
  readonly link: string;
  readonly classid: number;
  /** The qdisc, or the class above. */
  readonly parent: number;
  readonly info: ClassInfo;
}

export interface Class {
  readonly link: number;
  readonly classid: number;
  readonly parent: number;
  readonly info: ClassInfo;
}

/** `tc class show dev LINK`: by the device's index; those of one qdisc when `qdisc` is its handle. */
export const listClasses = (ns: Netns, link: number, qdisc = 0): Class[] =>
  ns.rt
    .dump({ type: RTM_CLASS.get, op: "tc class show", payload: tclass.write({ ifindex: link, parent: qdisc }) })
    .map((m) => tclass.read(m.payload))
    .map((m) => ({
      link: m.ifindex,
      classid: m.handle,
      parent: m.parent,
      info: {
        kind: m.kind ?? "",
        ...("data" in m && m.data && { data: m.data as object }),
        ...("rawData" in m && m.rawData && { rawData: m.rawData }),
      },
    }));

/** `tc class add` */
export const addClass = (ns: Netns, c: ClassSpec, op: Op): void => {
  const payload = tclass.write({ ifindex: linkIndex(ns, c.link), handle: c.classid, parent: c.parent, ...c.info });
  ns.rt.request({ type: RTM_CLASS.new, flags: F.create | F.excl, op, payload, locate: tclass.locate });
};
/** `tc class del` */
export const delClass = (ns: Netns, c: Pick<ClassSpec, "link" | "classid">, op: Op): void => {
  const payload = tclass.write({ ifindex: linkIndex(ns, c.link), handle: c.classid });
  ns.rt.request({ type: RTM_CLASS.del, op, payload, locate: tclass.locate });
};
