/** I2: what one node can tell of its MAC addresses; whether other nodes have them too is B1's. */
import type { Link } from "../../net/links.ts";
import type { Check, Finding } from "../check.ts";
import { ok } from "../finding.ts";
import type { Host } from "../host.ts";
import { cardsOf } from "../identity.ts";

/** Where udev of old wrote which card is eth0; a copy keeps the original's. */
const persistentRules = "/etc/udev/rules.d/70-persistent-net.rules";

const first = (mac: string): number => Number.parseInt(mac.slice(0, 2), 16);

/** Locally administered, and of the same length. */
const another = (mac: string, n: number): string => {
  const head = ((first(mac) & 0xfe) | 2).toString(16).padStart(2, "0");
  const last = ((Number.parseInt(mac.slice(-2), 16) + n) & 255).toString(16).padStart(2, "0");
  return `${head}${mac.slice(2, -2)}${last}`;
};

const look = (card: Link, cards: readonly Link[]): Finding => {
  const mac = String(card.mac);
  const fix = {
    command: `ip link set dev ${card.name} address ${another(mac, card.index)}`,
    undo: `ip link set dev ${card.name} address ${mac}`,
    survivesReboot: false,
  };
  const bad = (seen: string, want: string): Finding => ({ outcome: "fail", subject: card.name, seen, want, fix });
  if (/^[0:]+$/.test(mac)) return bad(mac, "an address of its own");
  if (first(mac) & 1) return bad(`${mac}, which is a group's`, "an address of one card: the first byte even");
  const twin = cards.find((c) => c.name !== card.name && c.mac === card.mac);
  if (twin && twin.index < card.index)
    return bad(`${mac}, as ${twin.name}`, "an address of its own: give the machine a new card in the hypervisor");
  return ok(mac, card.name);
};

const strangers = (host: Host): Finding[] => {
  const text = host.read(persistentRules) ?? "";
  const macs = [...text.matchAll(/ATTR\{address\}=="([0-9a-f:]{17})"/gi)].map(([, mac]) => mac!.toLowerCase());
  const strange = macs.filter((mac) => !host.links.some((l) => l.mac === mac));
  if (strange.length === 0) return [];
  return [
    {
      outcome: "warn",
      subject: persistentRules,
      seen: `names cards that are not here: ${strange.join(", ")}`,
      want: "no cards of the machine that this one was copied from",
      fix: {
        command: `mv ${persistentRules} ${persistentRules}.off`,
        undo: `mv ${persistentRules}.off ${persistentRules}`,
        survivesReboot: true,
      },
    },
  ];
};

export const macCheck: Check = {
  id: "I2",
  name: "mac",
  area: "identity",
  severity: "fail",
  title: "every card has a MAC address of its own",
  why: "two cards with one address take each other's frames: every second packet is lost, as on copies of a virtual machine",
  run: (host) => {
    const cards = cardsOf(host).filter(({ mac }) => String(mac).length === 17);
    return [...cards.map((card) => look(card, cards)), ...strangers(host)];
  },
};
