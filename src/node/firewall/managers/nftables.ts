/**
 * Tables of one's own in nf_tables: our rules go into the chains that could drop, at their top, since an accept in a table
 * of ours would not overrule a drop in theirs. nft(8).
 */
import { type Cidr, cidrFamily, cidrText, networkOf } from "../../../base/cidr.ts";
import type { Expr } from "../../../kernel/codec/nft/expressions.ts";
import {
  ip,
  ip6,
  l4proto,
  match,
  matchPrefix,
  matchRange,
  nfproto,
  protocol,
  th,
  verdict,
} from "../../../net/nft/build.ts";
import { ipKey, portKey } from "../../../net/nft/keys.ts";
import type { BootFile, Change, Manager } from "../manager.ts";
import { type InputOpening, markOf, type Opening } from "../openings.ts";
import { type ChainThere, canDrop, isIptables, type Surroundings } from "../surroundings.ts";

/** Programs that keep tables of their own, and mend them themselves. */
const kept = /^(firewalld|kube-proxy|podwire_.*|cilium.*|calico.*|docker-bridges|libvirt_network|cali.*)$/;

/** Base chains of filter tables that a person wrote, at a hook. */
const ownChains = ({ chains }: Surroundings, hook: "input" | "forward"): ChainThere[] =>
  chains.filter(
    (c) =>
      c.base?.hook === hook &&
      c.base.type === "filter" &&
      ["inet", "ip", "ip6"].includes(c.table.family) &&
      !kept.test(c.table.name) &&
      !isIptables(c) &&
      canDrop(c),
  );

const portsText = ([first, last]: InputOpening["ports"]): string => (first === last ? `${first}` : `${first}-${last}`);

const fits = ({ table }: ChainThere, o: Opening): boolean =>
  table.family === "inet" || o.families.includes(table.family === "ip" ? 4 : 6);

const address = (side: "saddr" | "daddr", cidr: NonNullable<InputOpening["from"]>): string[] => [
  cidrFamily(cidr) === 4 ? "ip" : "ip6",
  side,
  cidrText(cidr),
];

const statements = (o: Opening): string[][] => {
  if (o.to === "pods") return [address("saddr", o.pods), address("daddr", o.pods)];
  const from = o.from ? address("saddr", o.from) : [];
  const what = o.protocol === "ip" ? ["meta", "l4proto", `${o.ports[0]}`] : [o.protocol, "dport", portsText(o.ports)];
  return [[...from, ...what]];
};

const chainsFor = (o: Opening, host: Surroundings): ChainThere[] =>
  ownChains(host, o.to === "node" ? "input" : "forward").filter((c) => fits(c, o));

/** The same statements as expressions. In a table of both families an address is looked at when it is of its family. */
const exprs = (o: Opening, { table }: ChainThere): Expr[][] => {
  const address = (side: "saddr" | "daddr", cidr: Cidr): Expr[] => {
    const f = cidrFamily(cidr);
    const field = f === 4 ? ip[side] : ip6[side];
    return [...(table.family === "inet" ? nfproto(f) : []), ...matchPrefix(field, ipKey(networkOf(cidr)), cidr.prefix)];
  };
  const accept = verdict("accept");
  if (o.to === "pods") return (["saddr", "daddr"] as const).map((side) => [...address(side, o.pods), ...accept]);
  const what =
    o.protocol === "ip"
      ? match(l4proto, Uint8Array.of(o.ports[0]))
      : [...protocol(o.protocol), ...matchRange(th.dport, portKey(o.ports[0]), portKey(o.ports[1]))];
  return [[...(o.from ? address("saddr", o.from) : []), ...what, ...accept]];
};

const changesFor = (o: Opening, host: Surroundings): Change[] =>
  chainsFor(o, host).flatMap((there) => {
    const { table, name: chain, ours } = there;
    const rules = exprs(o, there);
    return statements(o).map((words, i): Change => {
      const comment = rules.length > 1 ? `${markOf(o)} ${i + 1}` : markOf(o);
      const line = [
        "nft",
        "insert",
        "rule",
        table.family,
        table.name,
        chain,
        ...words,
        "accept",
        "comment",
        `"${comment}"`,
      ];
      return {
        line,
        act: { kind: "nft", change: { do: "rule.insert", table, chain, rule: { exprs: rules[i]!, comment } } },
        undo: { kind: "nft-rule", table, chain, comment },
        holds: () => ours.includes(comment),
      };
    });
  });

const bootPaths = ["/etc/nftables.conf", "/etc/sysconfig/nftables.conf"];
const begin = "# podwire: begin";
const end = "# podwire: end";
const withoutOurs = (text: string): string => {
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  return from < 0 || to < from ? text : `${text.slice(0, from)}${text.slice(to + end.length).replace(/^\n/, "")}`;
};

export const nftables: Manager = {
  name: "nftables",
  rules: (host) => {
    const own = ownChains(host, "input")[0] ?? ownChains(host, "forward")[0];
    return (
      own &&
      `chain ${own.name} of table ${own.table.family} ${own.table.name}, policy ${own.base?.policy}, ${own.rules} rules`
    );
  },
  plan: (openings, host) => {
    const changes = openings.flatMap((o) => changesFor(o, host));
    const text = changes.map(({ line }) => line.slice(1).join(" ")).join("\n");
    const boot = bootPaths
      .filter((path) => host.read(path) !== undefined)
      .map(
        (path): BootFile => ({ path, withLines: (t) => `${withoutOurs(t).trimEnd()}\n${begin}\n${text}\n${end}\n` }),
      );
    const kept = boot.length > 0;
    const note =
      "there is no /etc/nftables.conf to be loaded at boot: add these lines to the file that your rules come from";
    const nowhere = "nf_tables has no chain of yours that could drop: there is nothing to insert a rule into";
    const notes = changes.length === 0 ? [nowhere] : kept ? [] : [note];
    return { changes, boot, survivesReboot: kept, notes };
  },
  withoutOurs,
};
