/** What decides on packets beside tables and chains, and is not walked here: programs of eBPF, filters of tc, IPVS. */
import { splitAttrs } from "../../../kernel/codec/attrs.ts";
import { link, RTM_LINK } from "../../../kernel/codec/route/link.ts";
import { tcPlaces } from "../../../kernel/codec/route/tc.ts";
import { readFileSync } from "../../../kernel/os/files.ts";
import type { Netns } from "../../../net/kernel.ts";
import { listQdiscs } from "../../../net/tc/qdiscs.ts";
import type { Beside, LinkFacts } from "./model.ts";

const IFLA_XDP = 43;
const IFLA_XDP_ATTACHED = 2;
const TYPE = 0x3fff;

const hasXdp = (m: ReturnType<typeof link.read>): boolean => {
  const xdp = m.unknown?.find((a) => (a.type & TYPE) === IFLA_XDP);
  return splitAttrs(xdp?.data ?? new Uint8Array(0)).some(
    (a) => (a.type & TYPE) === IFLA_XDP_ATTACHED && a.data[0] !== 0,
  );
};

const xdp = (ns: Netns): Beside[] =>
  ns.rt
    .dump({ type: RTM_LINK.get, op: "ip link", payload: link.write({}) })
    .map((m) => link.read(m.payload))
    .filter(hasXdp)
    .map(({ ifname = "" }) => ({ link: ifname, what: `${ifname} has a program of eBPF (XDP) in front of all rules` }));

const tc = (ns: Netns, links: readonly LinkFacts[]): Beside[] =>
  listQdiscs(ns)
    .filter((q) => q.parent === tcPlaces.clsact)
    .flatMap((q) => links.filter((l) => l.index === q.link))
    .map(({ name }) => ({
      link: name,
      what: `${name} can have filters of tc before and behind all rules: tc filter show dev ${name} ingress`,
    }));

/** Three lines of heads, then the services. */
const HEADS = 3;

const ipvs = (ns: Netns): Beside[] => {
  try {
    const text = ns.enter(() => readFileSync("/proc/thread-self/net/ip_vs"));
    return text.trimEnd().split("\n").length > HEADS
      ? [{ what: "IPVS has services, which take packets at the hook input: ipvsadm -Ln" }]
      : [];
  } catch {
    return []; // the kernel has no IPVS, or it is not for us
  }
};

export const readBeside = (ns: Netns, links: readonly LinkFacts[]): Beside[] => [
  ...xdp(ns),
  ...tc(ns, links),
  ...ipvs(ns),
];
