/** ipsets by their numbers, which is how rules of iptables name them. */
import { FaultError } from "../../../base/fault.ts";
import { bitsOf, family } from "../../../base/ip.ts";
import {
  IPSET_LIST,
  IPSET_NOMATCH,
  IPSET_PROTOCOL,
  type IpsetEntry,
  ipsetMessage,
} from "../../../kernel/codec/ipset.ts";
import { isExpr } from "../../../kernel/codec/nft/expressions.ts";
import type { Netns } from "../../../net/kernel.ts";
import type { IpSet, Table } from "./model.ts";

type Network = NonNullable<IpSet["networks"]>[number];

const networkOf = (e: IpsetEntry): Network | undefined => {
  const ip = e.ip?.v4 ?? e.ip?.v6;
  if (!ip || e.ipTo) return undefined;
  return { ip, prefix: e.cidr ?? bitsOf(family(ip)), not: ((e.flags ?? 0) & IPSET_NOMATCH) !== 0 };
};

/** Kinds whose entries are addresses and nothing else. */
const plain = ["hash:ip", "hash:net", "bitmap:ip"];

/** Whether any rule asks for one: the kernel then has ipsets already, and asking loads nothing. */
const areAsked = (tables: readonly Table[]): boolean =>
  tables.some((t) =>
    [...t.chains.values()].some((c) =>
      c.rules.some((r) => r.exprs.some((e) => isExpr(e, "match") && e.xtName === "set")),
    ),
  );

/** A set comes in several messages: its head in the first, entries in each. */
const readAll = (ns: Netns): Map<number, IpSet> => {
  const heads = new Map<string, { readonly index: number; readonly type: string }>();
  const entries = new Map<string, IpsetEntry[]>();
  const payload = ipsetMessage.write({ protocol: IPSET_PROTOCOL });
  for (const m of ns.nf.dump({ type: IPSET_LIST, payload, op: "ipset list" })) {
    const { name = "", type, index, entries: some } = ipsetMessage.read(m.payload);
    if (index !== undefined && type !== undefined) heads.set(name, { index, type });
    entries.set(name, [...(entries.get(name) ?? []), ...(some?.items ?? [])]);
  }
  return new Map(
    [...heads].map(([name, { index, type }]) => {
      const networks = (entries.get(name) ?? []).map(networkOf);
      const whole = plain.includes(type) && networks.every((n) => n !== undefined);
      return [index, { name, type, networks: whole ? networks : undefined }];
    }),
  );
};

/** None when no rule asks for one, or when the kernel does not tell. */
export const readIpsets = (ns: Netns, tables: readonly Table[]): Map<number, IpSet> => {
  if (!areAsked(tables)) return new Map();
  try {
    return readAll(ns);
  } catch (error) {
    if (error instanceof FaultError && error.fault.kind === "kernel") return new Map();
    throw error;
  }
};
