/** Reads all that decides on a host's packets, from the kernel alone: nf_tables, legacy iptables, links, routing. */
import { FaultError } from "../../../base/fault.ts";
import type { Netns } from "../../../net/kernel.ts";
import type { Ruleset, Table } from "./model.ts";
import { readBeside } from "./read-beside.ts";
import { readIpsets } from "./read-ipsets.ts";
import { readLegacy } from "./read-legacy.ts";
import { readNft } from "./read-nft.ts";
import { readLinks, readRouting } from "./read-routing.ts";

/** A kernel without nf_tables has no rules in it. */
const isUnknown = (error: unknown): boolean =>
  error instanceof FaultError &&
  error.fault.kind === "kernel" &&
  ["EINVAL", "EOPNOTSUPP", "EPROTONOSUPPORT"].includes(error.fault.errno);

const orNone = (act: () => Table[]): Table[] => {
  try {
    return act();
  } catch (error) {
    if (isUnknown(error)) return [];
    throw error;
  }
};

/** Tables of nf_tables, and those of the older iptables. @throws FaultError permission, kernel */
export const readTables = (ns: Netns): Table[] => [...orNone(() => readNft(ns)), ...readLegacy(ns)];

/**
 * The ruleset of one network namespace. Needs CAP_NET_ADMIN there. Never loads a module and never creates a table.
 * @throws FaultError permission, kernel
 */
export const readRuleset = (ns: Netns): Ruleset => {
  const links = readLinks(ns);
  const tables = readTables(ns);
  return {
    tables,
    links,
    routing: readRouting(ns, links),
    bridgeCalls: {
      ip: ns.readSysctl("net/bridge/bridge-nf-call-iptables") === "1",
      ip6: ns.readSysctl("net/bridge/bridge-nf-call-ip6tables") === "1",
    },
    ipsets: readIpsets(ns, tables),
    beside: readBeside(ns, links),
  };
};
