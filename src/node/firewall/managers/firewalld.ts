/**
 * firewalld: rich rules and sources in the zone that incoming packets meet, in the running firewall and in the permanent
 * one, so that no reload is needed: a reload would lose what others changed at run time. firewall-cmd(1),
 * firewalld.richlanguage(5).
 */
import { cidrFamily, cidrText } from "../../../base/cidr.ts";
import type { Change, Manager } from "../manager.ts";
import type { InputOpening, Opening } from "../openings.ts";
import type { Surroundings } from "../surroundings.ts";

/** DefaultZone of /etc/firewalld/firewalld.conf; firewalld's own default is public. */
const defaultZone = (host: Surroundings): string =>
  /^\s*DefaultZone\s*=\s*(\S+)/m.exec(host.read("/etc/firewalld/firewalld.conf") ?? "")?.[1] ?? "public";

const portsText = ([first, last]: InputOpening["ports"]): string => (first === last ? `${first}` : `${first}-${last}`);

/** What is told to a zone: the end of `--add-...`, `--remove-...` and `--query-...`. */
const wordsOf = (o: InputOpening): string[] => {
  const what =
    o.protocol === "ip"
      ? `protocol value="${o.ports[0]}"`
      : `port port="${portsText(o.ports)}" protocol="${o.protocol}"`;
  if (o.from)
    return [`rich-rule=rule family="ipv${cidrFamily(o.from)}" source address="${cidrText(o.from)}" ${what} accept`];
  return [o.protocol === "ip" ? `protocol=${o.ports[0]}` : `port=${portsText(o.ports)}/${o.protocol}`];
};

const changesOf = (zone: string, words: string): Change[] =>
  [[], ["--permanent"]].map((when) => {
    const say = (verb: string): string[] => ["firewall-cmd", ...when, `--zone=${zone}`, `--${verb}-${words}`];
    return {
      line: say("add"),
      act: { kind: "run" },
      undo: { kind: "run", run: say("remove"), when: say("query") },
      holds: say("query"),
    };
  });

export const firewalld: Manager = {
  name: "firewalld",
  rules: ({ chains }) => {
    const own = chains.find(({ table, name }) => table.name === "firewalld" || name === "INPUT_ZONES");
    return own && `table ${own.table.family} ${own.table.name} with chain ${own.name}`;
  },
  withoutOurs: (text) => text,
  plan: (openings, host) => {
    const zone = defaultZone(host);
    const words = (o: Opening): Change[] =>
      o.to === "pods"
        ? changesOf("trusted", `source=${cidrText(o.pods)}`)
        : wordsOf(o).flatMap((w) => changesOf(zone, w));
    return {
      changes: openings.flatMap(words),
      boot: [],
      survivesReboot: true,
      notes: [
        `rules go to firewalld's default zone, ${zone}; firewall-cmd --get-active-zones shows whose packets meet it`,
      ],
    };
  },
};
