/**
 * Tables of one's own in nf_tables: our rules go into the chains that could drop, at their top, since an accept in a table
 * of ours would not overrule a drop in theirs. nft(8).
 */
import { cidrFamily, cidrText } from "../../../base/cidr.ts";
import { count } from "../../finding.ts";
import { rangeText } from "../../ports/rows-for.ts";
import { withoutPart, withPart } from "../boot-text.ts";
import { exprsOf } from "../exprs.ts";
import type { BootFile, Change, Manager } from "../manager.ts";
import { type InputOpening, markOf, type Opening } from "../openings.ts";
import { type ChainThere, isFilterAt, isIptables, type Surroundings } from "../surroundings.ts";

/** Programs that keep tables of their own, and mend them themselves: a rule of ours in a table of bans would let the banned in. */
const kept =
  /^(firewalld|kube-proxy|podwire_.*|cilium.*|cali.*|docker-bridges|libvirt_network|lxd|incus|netavark|nm-shared-.*|f2b-.*|crowdsec.*)$/;

/** Base chains of filter tables that a person wrote, at a hook. */
const ownChains = ({ chains, all }: Surroundings, hook: "input" | "forward"): ChainThere[] =>
  chains.filter(
    (c) =>
      isFilterAt(c, hook) &&
      ["inet", "ip", "ip6"].includes(c.table.family) &&
      !kept.test(c.table.name) &&
      !isIptables(c) &&
      (c.drops || all),
  );

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
  const what = o.protocol === "ip" ? ["meta", "l4proto", `${o.ports[0]}`] : [o.protocol, "dport", rangeText(o.ports)];
  return [[...from, ...what]];
};

/** Of Debian's /usr/share/doc/nftables/examples/workstation.nft and the like. */
const sample = (hook: "input" | "forward"): ChainThere => ({
  name: hook,
  base: { type: "filter", hook, priority: 0, policy: "drop" },
  table: { family: "inet", name: "filter" },
  rules: 0,
  drops: true,
  ours: [],
});

const chainsFor = (o: Opening, host: Surroundings): ChainThere[] => {
  const hook = o.to === "node" ? "input" : "forward";
  const own = ownChains(host, hook);
  return (own.length === 0 && host.all ? [sample(hook)] : own).filter((c) => fits(c, o));
};

const changesFor = (o: Opening, host: Surroundings, where: (c: ChainThere) => boolean = () => true): Change[] =>
  chainsFor(o, host)
    .filter(where)
    .flatMap((there) => {
      const { table, name: chain, ours } = there;
      const rules = exprsOf(o, there.table);
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

/** A file's text with that of the files that it includes: `include "/etc/nftables.d/*.nft"`. */
const wholeText = (path: string, { read, list }: Surroundings): string | undefined => {
  const text = read(path);
  const includes = [...(text ?? "").matchAll(/^\s*include\s+"(.+)\/([^/"]+)"/gm)].flatMap(
    ([, folder = "", name = ""]) => {
      const pattern = new RegExp(
        `^${name
          .replace(/[.+^$()|[\]{}\\]/g, "\\$&")
          .replaceAll("*", ".*")
          .replaceAll("?", ".")}$`,
      );
      return list(folder)
        .filter((file) => pattern.test(file))
        .map((file) => read(`${folder}/${file}`) ?? "");
    },
  );
  return text === undefined ? undefined : [text, ...includes].join("\n");
};

/** A line about a chain that the file does not make would keep the whole file from being loaded. */
const makes = (text: string, { table, name }: ChainThere): boolean =>
  new RegExp(`\\bchain\\s+([\\w-]+\\s+){0,2}${name}\\s*[{;\\n]`).test(text.replace(/#.*/g, "")) &&
  new RegExp(
    `^\\s*(add\\s+|create\\s+)?table\\s+${table.family === "ip" ? "(ip\\s+)?" : `${table.family}\\s+`}${table.name}\\b`,
    "m",
  ).test(text);

const bootOf = (openings: readonly Opening[], host: Surroundings): BootFile[] =>
  bootPaths.flatMap((path): BootFile[] => {
    const text = wholeText(path, host);
    if (text === undefined) return [];
    const lines = openings.flatMap((o) =>
      changesFor(o, host, (there) => makes(text, there)).map(({ line }) => line.slice(1).join(" ")),
    );
    return lines.length === 0 ? [] : [{ path, withLines: (t) => withPart(t, lines) }];
  });

const nowhere = "nf_tables has no chain of yours that could drop: there is nothing to insert a rule into";
const imagined = "nf_tables has no chain of yours here: the lines are for those of Debian's sample, inet filter";
const nothingAtBoot =
  "no file that is loaded at boot makes these chains (/etc/nftables.conf): add the lines to the one that does";

export const nftables: Manager = {
  name: "nftables",
  rules: (host) => {
    const own = ownChains(host, "input")[0] ?? ownChains(host, "forward")[0];
    return (
      own &&
      `chain ${own.name} of table ${own.table.family} ${own.table.name}, policy ${own.base?.policy}, ${count(own.rules, "rule")}`
    );
  },
  plan: (openings, host) => {
    const changes = openings.flatMap((o) => changesFor(o, host));
    const boot = bootOf(openings, host);
    const kept = boot.length > 0;
    const none = host.all && (["input", "forward"] as const).every((hook) => ownChains(host, hook).length === 0);
    const notes = changes.length === 0 ? [nowhere] : none ? [imagined] : kept ? [] : [nothingAtBoot];
    return { changes, boot, survivesReboot: kept, notes };
  },
  lands: (o, host) => chainsFor(o, host).map(({ table, name }) => ({ table, chain: name, at: "top" })),
  withoutOurs: withoutPart,
};
