/**
 * iptables, with rules in nf_tables or in the kernel's older tables: each rule has our comment and goes to the top of its
 * chain, since behind a rule that drops everything it would do nothing. iptables(8), iptables-extensions(8).
 */
import { cidrText } from "../../../base/cidr.ts";
import type { Family } from "../../../base/ip.ts";
import { count } from "../../finding.ts";
import { rangeText } from "../../ports/rows-for.ts";
import type { Change, Manager } from "../manager.ts";
import { markOf, type Opening } from "../openings.ts";
import { type ChainThere, isFilterAt, isIptables, type Surroundings } from "../surroundings.ts";
import { bootFiles, withoutRules } from "./iptables-boot.ts";

/** A rule: its chain, and what stands behind it. */
interface Spec {
  readonly chain: "INPUT" | "FORWARD" | "DOCKER-USER";
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
  const what = o.protocol === "ip" ? ["-p", `${o.ports[0]}`] : ["-p", o.protocol, "--dport", rangeText(o.ports, ":")];
  const from = o.from ? ["-s", cidrText(o.from)] : [];
  return o.families.map((family) => ({ chain: "INPUT", family, words: [...from, ...what, ...mark, "-j", "ACCEPT"] }));
};

const program = (name: string, family: Family): string => (family === 4 ? name : name.replace("ip", "ip6"));

/** As every tutorial has them: appended, without comment. */
export const plainLines = (openings: readonly Opening[]): string[][] =>
  openings.flatMap(specsOf).map(({ chain, family, words }) => {
    const at = words.indexOf("-m");
    return [program("iptables", family), "-A", chain, ...words.slice(0, at), ...words.slice(at + 4)];
  });

const inFamily = ({ table }: ChainThere, family: Family): boolean => table.family === (family === 4 ? "ip" : "ip6");

/** ufw and firewalld keep their rules in iptables' tables, too, and want to be asked themselves. */
const isPlain = (name: string): boolean => !name.startsWith("ufw") && !name.startsWith("INPUT_");

/** Chains that packets come to by themselves, and that can drop them. */
const isOwn = (c: ChainThere): boolean => isIptables(c) && c.table.name === "filter" && isPlain(c.name) && c.drops;

type Kind = "iptables-nft" | "iptables-legacy";

const chainsOf = (name: Kind, { chains, older }: Surroundings): readonly ChainThere[] =>
  name === "iptables-nft" ? chains : older;

/** What cannot drop needs no rule. */
const needed = (name: Kind, { chain, family }: Spec, host: Surroundings): boolean => {
  if (host.all) return true;
  const hook = chain === "INPUT" ? "input" : "forward";
  return chainsOf(name, host).some((c) => isOwn(c) && isFilterAt(c, hook) && inFamily(c, family));
};

/** Docker asks this chain first and keeps what is in it, while it puts its own rules above those of FORWARD. */
const forDocker = (name: Kind, spec: Spec, host: Surroundings): Spec =>
  spec.chain === "FORWARD" &&
  chainsOf(name, host).some((c) => isIptables(c) && c.name === "DOCKER-USER" && inFamily(c, spec.family))
    ? { ...spec, chain: "DOCKER-USER" }
    : spec;

const planWith =
  (name: Kind): Manager["plan"] =>
  (openings, host) => {
    const specs = openings
      .flatMap(specsOf)
      .filter((spec) => needed(name, spec, host))
      .map((spec) => forDocker(name, spec, host));
    const changes = specs.map(({ chain, family, words }): Change => {
      const say = (verb: string): string[] => [program(name, family), "-w", verb, chain, ...words];
      return {
        line: say("-I"),
        act: { kind: "run" },
        undo: { kind: "run", run: say("-D"), when: say("-C") },
        holds: say("-C"),
      };
    });
    const boot = ([4, 6] as const).flatMap((f) => {
      const rules = specs.filter(({ family }) => family === f);
      return rules.length === 0
        ? []
        : bootFiles(
            f,
            rules.map(({ chain, words }) => ({ chain, otherwise: "FORWARD", words })),
            host,
          );
    });
    const docker = specs.some(({ chain }) => chain === "DOCKER-USER")
      ? ["Docker's FORWARD drops what it does not know: pods are let through in DOCKER-USER, which Docker leaves alone"]
      : [];
    const kept = boot.length > 0;
    const none = "iptables keeps nothing over a reboot by itself: apt install iptables-persistent, and apply again";
    return { changes, boot, survivesReboot: kept, notes: [...docker, ...(kept || changes.length === 0 ? [] : [none])] };
  };

const landsWith =
  (name: Kind): Manager["lands"] =>
  (o, host) =>
    specsOf(o)
      .filter((spec) => needed(name, spec, host))
      .map((spec) => forDocker(name, spec, host))
      .map(({ chain, family }) => ({
        ...(name === "iptables-legacy" && { backend: name }),
        table: { family: family === 4 ? "ip" : "ip6", name: "filter" },
        chain,
        at: "top",
      }));

const rulesOf =
  (name: Kind): Manager["rules"] =>
  (host) => {
    const own = chainsOf(name, host).filter(isOwn);
    const input = own.find((c) => isFilterAt(c, "input")) ?? own.find((c) => isFilterAt(c, "forward"));
    return (
      input &&
      `chain ${input.name} of table ${input.table.family} ${input.table.name}, policy ${input.base?.policy}, ${count(input.rules, "rule")}`
    );
  };

const managerOf = (name: Kind): Manager => ({
  name,
  program: name,
  package: "iptables",
  rules: rulesOf(name),
  withoutOurs: withoutRules,
  plan: planWith(name),
  lands: landsWith(name),
});

export const iptablesNft = managerOf("iptables-nft");
export const iptablesLegacy = managerOf("iptables-legacy");
