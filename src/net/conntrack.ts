/** Flows that the kernel tracks: `conntrack -L` and `conntrack -D`. */
import { FaultError } from "../base/fault.ts";
import type { Ip } from "../base/ip.ts";
import { CT_MSG, type FlowMessage, flowFilter, flowMessage } from "../kernel/codec/conntrack.ts";
import { AF } from "./addresses.ts";
import type { Netns } from "./kernel.ts";

/** One direction's addresses and ports. */
export interface Tuple {
  readonly saddr: Ip;
  readonly daddr: Ip;
  readonly sport?: number;
  readonly dport?: number;
}

export interface Flow {
  /** IPPROTO_*. */
  readonly protocol: number;
  /** As the first packet came. */
  readonly orig: Tuple;
  /** As answers come: what NAT changed is changed here. */
  readonly reply: Tuple;
  /** What `flushFlows` names it by. */
  readonly message: FlowMessage;
}

const tupleOf = (t: FlowMessage["orig"]): Tuple | undefined => {
  const saddr = t?.ip?.saddr4 ?? t?.ip?.saddr6;
  const daddr = t?.ip?.daddr4 ?? t?.ip?.daddr6;
  if (!saddr || !daddr) return undefined;
  const { sport, dport } = t?.proto ?? {};
  return { saddr, daddr, ...(sport !== undefined && { sport }), ...(dport !== undefined && { dport }) };
};

/** A kernel without nf_conntrack_netlink: its flows cannot be seen. */
const isUnknown = (error: unknown): boolean =>
  error instanceof FaultError &&
  error.fault.kind === "kernel" &&
  ["EINVAL", "EOPNOTSUPP", "EPROTONOSUPPORT"].includes(error.fault.errno);

/** What to look for: kernels before 5.8 tell all flows all the same. */
export interface FlowQuery {
  readonly family: 4 | 6;
  readonly protocol: number;
  /** Of the first packet. */
  readonly dport?: number;
  /** Whom answers come from. */
  readonly replySaddr?: Ip;
}

const queryMessage = (q: FlowQuery | undefined): Uint8Array => {
  if (!q) return flowMessage.write({ family: 0 });
  const proto = { protocol: q.protocol, ...(q.dport !== undefined && { dport: q.dport }) };
  const from = q.replySaddr && { ip: q.family === 4 ? { saddr4: q.replySaddr } : { saddr6: q.replySaddr } };
  return flowMessage.write({
    family: AF[q.family],
    orig: { proto },
    reply: { ...from, proto: { protocol: q.protocol } },
    filter: {
      orig: flowFilter.protocol | (q.dport === undefined ? 0 : flowFilter.dport),
      reply: from ? flowFilter.saddr | flowFilter.protocol : 0,
    },
  });
};

/** All flows, or those of a query and maybe others; none where the kernel cannot tell. */
export const listFlows = (ns: Netns, query?: FlowQuery): Flow[] => {
  try {
    return ns.nf.dump({ type: CT_MSG.get, payload: queryMessage(query), op: "conntrack -L" }).flatMap((m) => {
      const message = flowMessage.read(m.payload);
      const [orig, reply] = [tupleOf(message.orig), tupleOf(message.reply)];
      return orig && reply ? [{ protocol: message.orig?.proto?.protocol ?? 0, orig, reply, message }] : [];
    });
  } catch (error) {
    if (isUnknown(error)) return [];
    throw error;
  }
};

/** Forgets those flows that `match`; gives how many. One that has ended meanwhile will do. */
export const flushFlows = (ns: Netns, query: FlowQuery, match: (flow: Flow) => boolean): number => {
  const found = listFlows(ns, query).filter(match);
  for (const { message, orig } of found)
    try {
      const { family, orig: tuple, id, zone } = message;
      const payload = flowMessage.write({ family, orig: tuple, id, zone });
      ns.nf.request({
        type: CT_MSG.delete,
        payload,
        op: `conntrack -D --orig-src ${orig.saddr} --orig-dst ${orig.daddr}`,
      });
    } catch (error) {
      if (!(error instanceof FaultError && error.fault.kind === "kernel" && error.fault.errno === "ENOENT"))
        throw error;
    }
  return found.length;
};
