/** Queueing disciplines: the verbs of `tc qdisc`. */
import { F } from "../../kernel/codec/message.ts";
import { type QdiscInfo, qdisc, RTM_QDISC } from "../../kernel/codec/route/tc.ts";
import type { Op } from "../../kernel/os/syscall.ts";
import type { Netns } from "../kernel.ts";
import { linkIndex } from "../links.ts";
import { handleText } from "./handles.ts";

export interface QdiscSpec {
  readonly link: string;
  /** `tcPlaces.root` or `.clsact`, or a class such as 1:30. */
  readonly parent: number;
  /** The kernel chooses one when it is left out. */
  readonly handle?: number;
  readonly info: QdiscInfo;
}

/** What tells one qdisc from the others. */
export interface QdiscPlace {
  readonly link: string;
  readonly parent: number;
  readonly handle?: number;
}

export interface Qdisc {
  /** Index of the device. */
  readonly link: number;
  /** 0 for one that the kernel put there by itself. */
  readonly handle: number;
  readonly parent: number;
  readonly info: QdiscInfo;
  /** Sent so far, and what waits now. */
  readonly bytes: number;
  readonly packets: number;
  readonly drops: number;
  readonly backlog: number;
}

type Message = ReturnType<typeof qdisc.read>;

const fromMessage = (m: Message): Qdisc => ({
  link: m.ifindex,
  handle: m.handle,
  parent: m.parent,
  info: infoOf(m),
  bytes: m.statistics?.basic?.bytes ?? 0,
  packets: m.statistics?.basic?.packets ?? 0,
  drops: m.statistics?.queue?.drops ?? 0,
  backlog: m.statistics?.queue?.backlog ?? 0,
});

const infoOf = (m: Message): QdiscInfo => ({
  kind: m.kind ?? "",
  ...("data" in m && m.data && { data: m.data as object }),
  ...("rawData" in m && m.rawData && { rawData: m.rawData }),
});

/** `tc qdisc show`: of all devices; what the kernel hides (the queues within queues that it made itself) is left out. */
export const listQdiscs = (ns: Netns): Qdisc[] =>
  ns.rt
    .dump({ type: RTM_QDISC.get, op: "tc qdisc show", payload: qdisc.write({}) })
    .map((m) => fromMessage(qdisc.read(m.payload)));

/**
 * The qdisc at a place of a device, by its index. Out of all of them: asked for one, the kernel answers to everyone who
 * listens for changes.
 */
export const findQdisc = (ns: Netns, link: number, parent: number): Qdisc | undefined =>
  listQdiscs(ns).find((q) => q.link === link && q.parent === parent);

const send = (ns: Netns, type: number, flags: number, q: QdiscPlace & { info?: QdiscInfo }, op: Op): void => {
  const { link, parent, handle, info } = q;
  const payload = qdisc.write({ ifindex: linkIndex(ns, link), parent, handle: handle ?? 0, ...info });
  ns.rt.request({ type, flags, op, payload, locate: qdisc.locate });
};

/** `tc qdisc add` */
export const addQdisc = (ns: Netns, q: QdiscSpec, op: Op): void => send(ns, RTM_QDISC.new, F.create | F.excl, q, op);
/** `tc qdisc change`: other settings for the one that is there. */
export const changeQdisc = (ns: Netns, q: QdiscSpec, op: Op): void => send(ns, RTM_QDISC.new, 0, q, op);
/** `tc qdisc del`, and with it all that hangs on it. */
export const delQdisc = (ns: Netns, { link, parent, handle }: QdiscPlace, op: Op): void =>
  send(ns, RTM_QDISC.del, 0, { link, parent, ...(handle !== undefined && { handle }) }, op);

/** For messages. */
export const qdiscWords = (q: { handle: number; info: QdiscInfo }): string => `${q.info.kind} ${handleText(q.handle)}`;
