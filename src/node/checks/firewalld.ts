/** F3: firewalld lets in what the role needs, in the zone that really meets it, now and after a reload. */
import { cidrText, covers } from "../../base/cidr.ts";
import type { Asked } from "../asked.ts";
import type { Check, Finding, Fix } from "../check.ts";
import { ok } from "../finding.ts";
import { letsIn } from "../firewall/firewalld/lets-in.ts";
import { isInstalled, readZones, type Zone, zoneOfPacket } from "../firewall/firewalld/zones.ts";
import type { Packet } from "../firewall/simulate/verdict.ts";
import type { Host } from "../host.ts";
import { rangeText } from "../ports/rows-for.ts";
import { type Door, doorNames, doorsOf } from "../reads/doors.ts";
import { type DoorState, isLoaded, nowAndLater, rulesetOrNone } from "../reads/now-and-later.ts";
import { startsAtBoot } from "../reads/units.ts";

/** A tunnel is opened to the nodes alone: whoever reaches it is in the pod network. */
const wordsOf = (verb: "add" | "remove", { row: { ports, protocol }, to }: Door): string => {
  const text = rangeText(ports);
  if (to === undefined) return `--${verb}-port=${text}/${protocol}`;
  const family = to.includes(":") ? "ipv6" : "ipv4";
  return `--${verb}-rich-rule='rule family="${family}" source address="${to}" port port="${text}" protocol="${protocol}" accept'`;
};

const now = (zone: string, words: readonly string[]): string => `firewall-cmd --zone=${zone} ${words.join(" ")}`;

/** In the running firewall and the permanent one: a reload would lose what others changed at run time. Without the daemon its files are changed by another program. */
const say = (runs: boolean, zone: string, words: readonly string[]): string =>
  runs
    ? `${now(zone, words)} && firewall-cmd --permanent --zone=${zone} ${words.join(" ")}`
    : `firewall-offline-cmd --zone=${zone} ${words.join(" ")}`;

const openFix = (runs: boolean, zone: string, doors: readonly Door[]): Fix => ({
  command: say(
    runs,
    zone,
    doors.map((d) => wordsOf("add", d)),
  ),
  undo: say(
    runs,
    zone,
    doors.map((d) => wordsOf("remove", d)),
  ),
  survivesReboot: true,
});

/** What the permanent settings have already. */
const nowFix = (zone: string, doors: readonly Door[]): Fix => ({
  command: now(
    zone,
    doors.map((d) => wordsOf("add", d)),
  ),
  undo: now(
    zone,
    doors.map((d) => wordsOf("remove", d)),
  ),
  survivesReboot: true,
});

const doorFindings = (states: readonly DoorState[], zone: string, runs: boolean): Finding[] => {
  const subject = (those: readonly DoorState[]): string => doorNames(those);
  const doors = (those: readonly DoorState[]): Door[] => those.map(({ door }) => door);
  const closed = states.filter(({ now, later }) => !later && now !== true);
  const fleeting = states.filter(({ now, later }) => !later && now === true);
  const pending = states.filter(({ now, later }) => later && now === false);
  const open = states.filter(({ now, later }) => later && now !== false);
  const findings: Finding[] = [];
  if (closed.length > 0)
    findings.push({
      outcome: runs ? "fail" : "warn",
      subject: subject(closed),
      seen: `closed in zone ${zone}${runs ? "" : ", once firewalld starts"}`,
      want: "open to the nodes",
      fix: openFix(runs, zone, doors(closed)),
    });
  if (fleeting.length > 0)
    findings.push({
      outcome: "warn",
      subject: subject(fleeting),
      seen: `open now, and not in zone ${zone} after a reload`,
      want: "open in the permanent settings, too",
      fix: openFix(runs, zone, doors(fleeting)),
    });
  if (pending.length > 0)
    findings.push({
      outcome: "fail",
      subject: subject(pending),
      seen: `open in zone ${zone}'s permanent settings, and closed now`,
      want: "open now, too",
      fix: nowFix(zone, doors(pending)),
    });
  if (open.length > 0) findings.push(ok(`open in zone ${zone}`, subject(open)));
  return findings;
};

/** Pods' packets come by links that no zone knows: their addresses have to be trusted. */
const podFindings = (zones: readonly Zone[], { podCidrs, serviceCidrs }: Asked, runs: boolean): Finding[] => {
  const trusted = zones.filter((z) => z.open).flatMap((z) => z.sources);
  const missing = [...podCidrs, ...serviceCidrs].filter((range) => !trusted.some((c) => covers(c, range)));
  const names = missing.map(cidrText);
  if (names.length === 0) return [ok("trusted", "pods and services")];
  return [
    {
      outcome: runs ? "fail" : "warn",
      subject: "pods and services",
      seen: `${names.join(", ")} in no trusted zone`,
      want: "sources of zone trusted: else forwarding between pods is refused",
      fix: {
        command: say(
          runs,
          "trusted",
          names.map((n) => `--add-source=${n}`),
        ),
        undo: say(
          runs,
          "trusted",
          names.map((n) => `--remove-source=${n}`),
        ),
        survivesReboot: true,
      },
    },
  ];
};

const look = (host: Host, asked: Asked, runs: boolean): Finding[] => {
  const zones = readZones(host);
  const zoneOf = ({ src, iif }: Packet): Zone =>
    zoneOfPacket(
      host,
      zones,
      src,
      host.links.find((l) => l.name === iif),
    );
  const states = nowAndLater(rulesetOrNone(host), "firewalld", doorsOf(host, asked), ({ packets }) =>
    packets.every((packet) => letsIn(host, zoneOf(packet), packet)),
  );
  return [
    ...[...Map.groupBy(states, ({ door }) => zoneOf(door.packets[0]!).name)].flatMap(([zone, those]) =>
      doorFindings(those, zone, runs),
    ),
    ...podFindings(zones, asked, runs),
  ];
};

export const firewalldCheck: Check = {
  id: "F3",
  name: "firewalld",
  area: "firewall",
  severity: "fail",
  title: "firewalld lets in what the role needs",
  why: "a port that is open in another zone than the link's is closed: joining hangs, and pods of two nodes do not reach each other",
  run: (host, asked) => {
    if (!isInstalled(host)) return [];
    const runs = host.processes.some(({ name }) => name === "firewalld") || isLoaded(rulesetOrNone(host), "firewalld");
    const starts = runs || startsAtBoot(host, "firewalld.service");
    return starts ? look(host, asked, runs) : [];
  },
};
