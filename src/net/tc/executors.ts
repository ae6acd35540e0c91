/** The steps of traffic control carried out, each with the steps that take it back. */
import { FaultError } from "../../base/fault.ts";
import { tcPlaces } from "../../kernel/codec/route/tc.ts";
import { type Executor, tolerate } from "../executor.ts";
import type { Netns } from "../kernel.ts";
import { linkIndex } from "../links.ts";
import type { Step } from "../plan/step.ts";
import { addClass, delClass } from "./classes.ts";
import { addFilter, delFilter, listFilters } from "./filters.ts";
import { majorOf } from "./handles.ts";
import { addQdisc, changeQdisc, delQdisc, listQdiscs, type QdiscSpec } from "./qdiscs.ts";
import { classBefore, filtersBefore, qdiscAt, treeBefore } from "./undo.ts";

type Name = "qdisc.add" | "qdisc.change" | "qdisc.del" | "class.add" | "class.del" | "filter.add" | "filter.del";

/** A place, or the device that it is on, is gone already. EINVAL is what the kernel says to another handle there. */
const orGone = (tolerated: boolean | undefined, act: () => void): void => {
  try {
    tolerate(tolerated ? ["ENOENT", "EINVAL", "ENODEV"] : [], act);
  } catch (error) {
    if (!(tolerated && error instanceof FaultError && error.fault.kind === "not-found")) throw error;
  }
};

/**
 * A token bucket from which its queue is taken passes nothing any more, until it is set anew: then the kernel gives it
 * the one that it had by itself.
 */
const bucketAbove = (ns: Netns, q: QdiscSpec): QdiscSpec | undefined => {
  if (q.parent >= tcPlaces.clsact) return undefined;
  const link = linkIndex(ns, q.link);
  const above = listQdiscs(ns).find(
    (x) => x.link === link && x.info.kind === "tbf" && majorOf(x.handle) === majorOf(q.parent),
  );
  return above && qdiscAt(ns, { link: q.link, parent: above.parent });
};

/** How many flows fq_codel tells apart is settled when it is made. */
const changeable = (q: QdiscSpec): QdiscSpec => {
  if (q.info.kind !== "fq_codel" || !("data" in q.info) || !q.info.data) return q;
  const { flows: _, ...data } = q.info.data as { readonly flows?: number };
  return { ...q, info: { kind: "fq_codel", data } };
};

export const tcExecutors: { readonly [K in Name]: Executor<K> } = {
  "qdisc.add": ({ ns, op }, s) => {
    const bucket = s.fresh ? undefined : bucketAbove(ns, s.qdisc);
    const errnos = [...(s.orUnknown ? ["ENOENT"] : []), ...(s.orExists ? ["EEXIST"] : [])];
    const without = tolerate(errnos, () => addQdisc(ns, s.qdisc, op));
    if (without || s.fresh) return undefined;
    const { link, parent } = s.qdisc;
    const gone: Step = { do: "qdisc.del", in: s.in, qdisc: { link, parent }, orGone: true };
    return bucket ? [gone, { do: "qdisc.change", in: s.in, qdisc: bucket }] : gone;
  },
  "qdisc.change": ({ ns, op }, s) => {
    const was = qdiscAt(ns, s.qdisc);
    changeQdisc(ns, s.qdisc, op);
    return was && { do: "qdisc.change", in: s.in, qdisc: changeable(was) };
  },
  "qdisc.del": ({ ns, op }, s) => {
    const back = s.orGone ? [] : treeBefore(ns, s.qdisc, s.in);
    orGone(s.orGone, () => delQdisc(ns, s.qdisc, op));
    return back;
  },
  "class.add": ({ ns, op }, s) => {
    addClass(ns, s.class, op);
    const { link, classid } = s.class;
    return { do: "class.del", in: s.in, class: { link, classid } };
  },
  "class.del": ({ ns, op }, s) => {
    const back = classBefore(ns, s.class, s.in);
    delClass(ns, s.class, op);
    return back;
  },
  "filter.add": ({ ns, op }, s) => {
    const { link, parent, protocol, prio, info } = s.filter;
    // The first of its number takes the number with it when it goes.
    const alone = s.fresh || !listFilters(ns, linkIndex(ns, link), parent).some((f) => f.prio === prio);
    const handle = addFilter(ns, s.filter, op);
    const filter = { link, parent, protocol, prio, ...(!alone && { kind: info.kind, handle }) };
    return { do: "filter.del", in: s.in, filter, orGone: true };
  },
  "filter.del": ({ ns, op }, s) => {
    const back = s.orGone ? [] : filtersBefore(ns, s.filter, s.in);
    orGone(s.orGone, () => delFilter(ns, s.filter, op));
    return back;
  },
};
