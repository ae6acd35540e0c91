/**
 * firewalld: rich rules and sources in the zones that incoming packets meet, in the running firewall and in the permanent
 * one, so that no reload is needed: a reload would lose what others changed at run time. firewall-cmd(1).
 */
import { type Cidr, cidrText } from "../../../base/cidr.ts";
import { isOpen } from "../firewalld/permanent.ts";
import { exits, wordsOf } from "../firewalld/words.ts";
import { readZone, readZones, type Zone, zoneOfCard, zonesOfSource } from "../firewalld/zones.ts";
import type { Change, Landing, Manager, ManagerPlan } from "../manager.ts";
import type { InputOpening, Opening } from "../openings.ts";
import type { Surroundings } from "../surroundings.ts";

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
      undo: { kind: "run", run: say("remove"), gone: running ? [exits.noZone, exits.notRunning] : [exits.noZone] },
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

/** In tables of firewalld's own, or in those of iptables. Pods come by a source of a zone, which stands before all cards. */
const landings = (o: Opening, zones: readonly string[]): Landing[] => {
  const own = { family: "inet", name: "firewalld" } as const;
  const shared = o.families.map((f) => ({ family: f === 4 ? "ip" : "ip6", name: "filter" }) as const);
  const chains = (prefix: string): string[] =>
    o.to === "pods"
      ? [`${prefix}FORWARD_ZONES`, `${prefix}FORWARD_IN_ZONES`]
      : zones.map((zone) => `${prefix}IN_${zone}_allow`);
  return [
    ...chains("filter_").map((chain): Landing => ({ table: own, chain, at: "top" })),
    ...shared.flatMap((table) => chains("").map((chain): Landing => ({ table, chain, at: "top" }))),
  ];
};

/** The zones of the node's cards. */
const metBy = (host: Surroundings, zones: readonly Zone[]): Met[] => {
  const cards = host.cards.length > 0 ? host.cards : [{ name: "any card", index: 0 }];
  return cards.map((card): Met => ({ card: card.name, ...zoneOfCard(host, zones, card) }));
};

export const firewalld: Manager = {
  name: "firewalld",
  program: "firewall-cmd",
  package: "firewalld",
  rules: ({ chains, older }) => {
    const own =
      chains.find(({ table, name }) => table.name === "firewalld" || name === "INPUT_ZONES") ??
      older.find(({ name }) => name === "INPUT_ZONES");
    return own && `table ${own.table.family} ${own.table.name} with chain ${own.name}`;
  },
  withoutOurs: (text) => text,
  lands: (o, host) => {
    const zones = readZones(host);
    return landings(o, o.to === "pods" ? [] : zonesFor(o, zones, metBy(host, zones)).map(({ name }) => name));
  },
  plan: (openings, host) => {
    const zones = readZones(host);
    const met = metBy(host, zones);
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
