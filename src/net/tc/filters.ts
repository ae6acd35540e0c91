/** Filters: the verbs of `tc filter`. */
import { F } from "../../kernel/codec/message.ts";
import { type FilterInfo, RTM_FILTER, tfilter } from "../../kernel/codec/route/tc.ts";
import type { Action } from "../../kernel/codec/tc-kinds/actions.ts";
import { mirredWays, verdicts } from "../../kernel/codec/tc-kinds/mirred.ts";
import type { Op } from "../../kernel/os/syscall.ts";
import type { Netns } from "../kernel.ts";
import { linkIndex } from "../links.ts";

/** ETH_P_*: what a filter looks at. */
export const tcProtocols = { all: 3, ip: 0x800, ipv6: 0x86dd } as const;

export interface FilterPlace {
  readonly link: string;
  /** `tcPlaces.ingress` or `.egress`, or a qdisc such as 1:. */
  readonly parent: number;
  readonly protocol: number;
  /** 1 to 65535: the lower looks first. Those of one number are of one kind and one protocol. */
  readonly prio: number;
  readonly handle?: number;
  readonly kind?: string;
}

export interface FilterSpec extends FilterPlace {
  readonly info: FilterInfo;
  readonly chain?: number;
  /** Name of the link that what matches is sent to instead. */
  readonly redirect?: string;
}

export interface Filter {
  readonly link: number;
  readonly parent: number;
  readonly protocol: number;
  readonly prio: number;
  /** 0 stands for all of that number. */
  readonly handle: number;
  readonly chain: number;
  readonly info: FilterInfo;
}

const swap = (protocol: number): number => ((protocol & 0xff) << 8) | (protocol >> 8);
const infoWord = (prio: number, protocol: number): number => prio * 0x1_0000 + swap(protocol);

const fromMessage = (m: ReturnType<typeof tfilter.read>): Filter => ({
  link: m.ifindex,
  parent: m.parent,
  protocol: swap(m.info & 0xffff),
  prio: m.info >>> 16,
  handle: m.handle,
  chain: m.chain ?? 0,
  info: {
    kind: m.kind ?? "",
    ...("data" in m && m.data && { data: m.data as object }),
    ...("rawData" in m && m.rawData && { rawData: m.rawData }),
  },
});

/** `tc filter show dev LINK PARENT`: by the device's index. */
export const listFilters = (ns: Netns, link: number, parent: number): Filter[] =>
  ns.rt
    .dump({ type: RTM_FILTER.get, op: "tc filter show", payload: tfilter.write({ ifindex: link, parent }) })
    .map((m) => fromMessage(tfilter.read(m.payload)));

/** The device that the filter sends its packets to instead, by index. */
export const redirectOf = ({ info }: Pick<Filter, "info">): number | undefined => {
  const act = "data" in info && info.data && "act" in info.data ? (info.data.act as readonly Action[]) : [];
  const [only, ...more] = act;
  if (!only || more.length > 0 || !("data" in only)) return undefined;
  const { way, ifindex, action } = only.data?.parms ?? {};
  return way === mirredWays.egressRedirect && action === verdicts.stolen ? ifindex : undefined;
};

const withRedirect = (ns: Netns, { info, redirect }: FilterSpec): FilterInfo => {
  if (redirect === undefined) return info;
  const parms = { action: verdicts.stolen, way: mirredWays.egressRedirect, ifindex: linkIndex(ns, redirect) };
  const act: readonly Action[] = [{ kind: "mirred", data: { parms } }];
  return { ...info, data: { ...("data" in info ? info.data : {}), act } } as FilterInfo;
};

/** `tc filter add`; gives the handle that the kernel chose. */
export const addFilter = (ns: Netns, f: FilterSpec, op: Op): number => {
  const payload = tfilter.write({
    ifindex: linkIndex(ns, f.link),
    parent: f.parent,
    handle: f.handle ?? 0,
    info: infoWord(f.prio, f.protocol),
    chain: f.chain,
    ...withRedirect(ns, f),
  });
  const flags = F.create | F.excl | F.echo;
  const [told] = ns.rt.request({ type: RTM_FILTER.new, flags, op, payload, locate: tfilter.locate });
  return told ? tfilter.read(told.payload).handle : (f.handle ?? 0);
};

/** `tc filter del`; without a handle all of that number. */
export const delFilter = (ns: Netns, f: FilterPlace & { chain?: number }, op: Op): void => {
  const { link, parent, handle = 0, prio, protocol, kind } = f;
  const place = { ifindex: linkIndex(ns, link), parent, handle, info: infoWord(prio, protocol), chain: f.chain };
  const payload = tfilter.write({ ...place, ...(kind !== undefined && { kind }) });
  ns.rt.request({ type: RTM_FILTER.del, op, payload, locate: tfilter.locate });
};
