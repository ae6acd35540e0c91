/**
 * iptables, with rules in nf_tables or in the kernel's older tables: each rule has our comment and goes to the top of its
 * chain, since behind a rule that drops everything it would do nothing. iptables(8), iptables-extensions(8).
 */
import { cidrText } from "../../../base/cidr.ts";
import type { Family } from "../../../base/ip.ts";
import type { BootFile, Change, Manager } from "../manager.ts";
import { type InputOpening, markOf, type Opening } from "../openings.ts";
import { canDrop, isIptables, type Surroundings } from "../surroundings.ts";

const portsText = ([first, last]: InputOpening["ports"]): string => (first === last ? `${first}` : `${first}:${last}`);

/** A rule: its chain, and what stands behind it. */
interface Spec {
  readonly chain: "INPUT" | "FORWARD";
  readonly family: Family;
  readonly words: readonly string[];
}

const specsOf = (o: Opening): Spec[] => {
  const mark = ["-m", "comment", "--comment", markOf(o)];
  if (o.to === "pods")
    return o.families.flatMap((family) =>
      ["-s", "-d"].map((side) => ({
        chain: "FORWARD",
        family,
        words: [side, cidrText(o.pods), ...mark, "-j", "ACCEPT"],
      })),
    );
  const what = o.protocol === "ip" ? ["-p", `${o.ports[0]}`] : ["-p", o.protocol, "--dport", portsText(o.ports)];
  const from = o.from ? ["-s", cidrText(o.from)] : [];
  return o.families.map((family) => ({ chain: "INPUT", family, words: [...from, ...what, ...mark, "-j", "ACCEPT"] }));
};

/** As every tutorial has them: appended, without comment. */
export const plainLines = (openings: readonly Opening[]): string[][] =>
  openings.flatMap(specsOf).map(({ chain, family, words }) => {
    const at = words.indexOf("-m");
    return [program("iptables", family), "-A", chain, ...words.slice(0, at), ...words.slice(at + 4)];
  });

const program = (name: string, family: Family): string => (family === 4 ? name : name.replace("ip", "ip6"));

/** Pods' packets pass unless FORWARD drops, which nobody but Docker, or a person, makes it do. */
const forwards = ({ chains }: Surroundings): boolean =>
  chains.every(
    (c) => !(isIptables(c) && c.base?.hook === "forward" && c.base.type === "filter" && c.base.policy === "drop"),
  );

/** Files that a service loads at boot: Debian's iptables-persistent, Red Hat's iptables-services. */
const bootFiles = (family: Family): readonly string[] =>
  family === 4
    ? ["/etc/iptables/rules.v4", "/etc/sysconfig/iptables"]
    : ["/etc/iptables/rules.v6", "/etc/sysconfig/ip6tables"];

const isOurs = (line: string): boolean => /--comment "?podwire: /.test(line);

/** A word as iptables-save quotes it. */
const saved = (word: string): string => (/\s/.test(word) ? `"${word}"` : word);

/** Before the first rule of the filter table, in the form of iptables-save. */
const insertLines = (text: string, lines: readonly string[]): string => {
  const all = withoutOurs(text).split("\n");
  const start = all.indexOf("*filter");
  if (start < 0) return `${all.join("\n").trimEnd()}\n*filter\n${lines.join("\n")}\nCOMMIT\n`;
  const at = all.findIndex((line, i) => i > start && (line.startsWith("-") || line === "COMMIT"));
  return [...all.slice(0, at), ...lines, ...all.slice(at)].join("\n");
};

const bootOf = (specs: readonly Spec[], family: Family, { read }: Surroundings): BootFile[] => {
  const lines = specs
    .filter((s) => s.family === family)
    .map(({ chain, words }) => ["-A", chain, ...words.map(saved)].join(" "));
  return bootFiles(family)
    .filter((path) => read(path) !== undefined)
    .map((path) => ({
      path,
      withLines: (text) => insertLines(text, lines),
    }));
};

const withoutOurs = (text: string): string =>
  text
    .split("\n")
    .filter((line) => !isOurs(line))
    .join("\n");

const planWith =
  (name: "iptables-nft" | "iptables-legacy"): Manager["plan"] =>
  (openings, host) => {
    // nf_tables does not show what the older tables do: there pods are let through in any case.
    const forward = name === "iptables-legacy" || !forwards(host);
    const specs = openings.filter((o) => o.to === "node" || forward).flatMap(specsOf);
    const changes = specs.map(({ chain, family, words }): Change => {
      const say = (verb: string): string[] => [program(name, family), "-w", verb, chain, ...words];
      return {
        line: say("-I"),
        act: { kind: "run" },
        undo: { kind: "run", run: say("-D"), when: say("-C") },
        holds: say("-C"),
      };
    });
    const boot = ([4, 6] as const).flatMap((f) => bootOf(specs, f, host));
    const kept = boot.length > 0;
    return {
      changes,
      boot,
      survivesReboot: kept,
      notes: kept
        ? []
        : ["iptables keeps nothing over a reboot by itself: apt install iptables-persistent, and apply again"],
    };
  };

/** ufw and firewalld keep their rules in iptables' tables, too, and want to be asked themselves. */
const isPlain = (name: string): boolean => !name.startsWith("ufw") && !name.startsWith("INPUT_");

export const iptablesNft: Manager = {
  name: "iptables-nft",
  rules: ({ chains }) => {
    const own = chains.filter((c) => isIptables(c) && isPlain(c.name) && c.base && canDrop(c));
    const input = own.find((c) => c.base?.hook === "input") ?? own.find((c) => c.base?.hook === "forward");
    return (
      input &&
      `chain ${input.name} of table ${input.table.family} ${input.table.name}, policy ${input.base?.policy}, ${input.rules} rules`
    );
  },
  withoutOurs,
  plan: planWith("iptables-nft"),
};

export const iptablesLegacy: Manager = {
  name: "iptables-legacy",
  rules: ({ legacy }) => {
    const family = ([4, 6] as const).find((f) => legacy[f].includes("filter"));
    return family && `table filter of ip${family === 4 ? "" : "6"}tables-legacy is in the kernel`;
  },
  withoutOurs,
  plan: planWith("iptables-legacy"),
};
