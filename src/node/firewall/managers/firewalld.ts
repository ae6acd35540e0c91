/**
 * firewalld: rich rules and sources in the zones that incoming packets meet, in the running firewall and in the permanent
 * one, so that no reload is needed: a reload would lose what others changed at run time. firewall-cmd(1).
 */
import { type Cidr, cidrText } from "../../../base/cidr.ts";
import { isOpen } from "../firewalld/permanent.ts";
import { wordsOf } from "../firewalld/words.ts";
import { readZone, readZones, type Zone, zoneOfCard, zonesOfSource } from "../firewalld/zones.ts";
import type { Change, Manager, ManagerPlan } from "../manager.ts";
import type { InputOpening } from "../openings.ts";
import type { Surroundings } from "../surroundings.ts";

/** firewall-cmd's exit codes: there is no such zone; firewalld does not run. */
const noZone = 112;
const notRunning = 252;

const changesOf = (zone: string, words: string, permanent: () => boolean): Change[] =>
  [true, false].map((running): Change => {
    const say = (verb: string): string[] => [
      "firewall-cmd",
      ...(running ? [] : ["--permanent"]),
      `--zone=${zone}`,
      `--${verb}-${words}`,
    ];
    return {
      line: say("add"),
      act: { kind: "run" },
      // It says that what it is to remove is not there, and ends with 0.
      undo: { kind: "run", run: say("remove"), gone: running ? [noZone, notRunning] : [noZone] },
      holds: running ? say("query") : permanent,
    };
  });

interface Met {
  readonly zone: Zone;
  readonly card: string;
  readonly because: string;
}

/** Zones that let in only what they are told to, of those that these packets meet. */
const zonesFor = (o: InputOpening, zones: readonly Zone[], met: readonly Met[]): Zone[] => {
  const cards = met.map(({ zone }) => zone);
  const { whole, parts } = o.from ? zonesOfSource(zones, o.from) : { whole: undefined, parts: [] };
  const named = new Map((whole ? [whole] : [...cards, ...parts]).map((zone) => [zone.name, zone]));
  return [...named.values()].filter((zone) => !zone.open);
};

const sourceNotes = (froms: readonly Cidr[], zones: readonly Zone[]): string[] =>
  froms.flatMap((from) => {
    const { whole } = zonesOfSource(zones, from);
    if (!whole) return [];
    return whole.open
      ? [`${cidrText(from)} is a source of firewalld's zone ${whole.name}, which lets everything in: no rule is needed`]
      : [`${cidrText(from)} is a source of firewalld's zone ${whole.name}: rules go there`];
  });

/** Pods go to a zone that lets everything in and through. */
const podChanges = (pods: Cidr, host: Surroundings, zones: readonly Zone[]): Pick<ManagerPlan, "changes" | "notes"> => {
  const address = cidrText(pods);
  const { whole } = zonesOfSource(zones, pods);
  const trusted = readZone(host, "trusted");
  const permanent = (): boolean => trusted.sources.some((s) => cidrText(s) === address);
  // What firewalld's files say is there for good; the running firewall may still not know of it.
  if (!whole || permanent()) return { changes: changesOf("trusted", `source=${address}`, permanent), notes: [] };
  if (whole.open) return { changes: [], notes: [] };
  const line = `firewall-cmd --permanent --zone=trusted --change-source=${address}`;
  return {
    changes: [],
    notes: [`pods' ${address} is a source of firewalld's zone ${whole.name}, which has to let them through: ${line}`],
  };
};

const isBackend = ({ read }: Surroundings): boolean =>
  /^\s*FirewallBackend\s*=\s*iptables\b/m.test(read("/etc/firewalld/firewalld.conf") ?? "");

export const firewalld: Manager = {
  name: "firewalld",
  program: "firewall-cmd",
  package: "firewalld",
  rules: (host) => {
    const own = host.chains.find(({ table, name }) => table.name === "firewalld" || name === "INPUT_ZONES");
    if (own) return `table ${own.table.family} ${own.table.name} with chain ${own.name}`;
    // Its rules are in tables of the older iptables then.
    const older = isBackend(host) && host.legacy[4].includes("filter") && host.read("/run/firewalld.pid") !== undefined;
    return older ? "it runs (/run/firewalld.pid), with FirewallBackend=iptables" : undefined;
  },
  withoutOurs: (text) => text,
  plan: (openings, host) => {
    const zones = readZones(host);
    const cards = host.cards.length > 0 ? host.cards : [{ name: "any card", index: 0 }];
    const met = cards.map((card): Met => ({ card: card.name, ...zoneOfCard(host, zones, card) }));
    const planned = openings.map((o) =>
      o.to === "pods"
        ? podChanges(o.pods, host, zones)
        : {
            changes: zonesFor(o, zones, met).flatMap((zone) => changesOf(zone.name, wordsOf(o), () => isOpen(zone, o))),
            notes: [],
          },
    );
    const froms = openings.flatMap((o) => (o.to === "node" && o.from ? [o.from] : []));
    const once = [...new Map(froms.map((from) => [cidrText(from), from])).values()];
    return {
      changes: planned.flatMap(({ changes }) => changes),
      boot: [],
      survivesReboot: true,
      notes: [
        ...met.map(
          ({ zone, card, because }) =>
            `packets that come by ${card} meet firewalld's zone ${zone.name} (${because})${zone.open ? ", which lets everything in" : ""}`,
        ),
        ...sourceNotes(once, zones),
        ...planned.flatMap(({ notes }) => notes),
      ],
    };
  },
};
