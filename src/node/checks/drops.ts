/** F5: no base chain drops what must come in; an accept in one table never overrides a drop in another. */
import type { Check, Finding } from "../check.ts";
import { ok } from "../finding.ts";
import { deciderText, doorNames, doorsOf, isManaged, openingFix, type Tried, tryDoors } from "../reads/doors.ts";

const byDecider = (tried: readonly Tried[], text: (t: Tried) => string): [string, Tried[]][] => [
  ...Map.groupBy(tried, text),
];

export const dropsCheck: Check = {
  id: "F5",
  name: "drops",
  area: "firewall",
  severity: "fail",
  title: "no rule drops what its role must let in",
  why: "'I opened the port and it still drops': every table is asked, and one that drops is enough; joining hangs",
  run: (host, asked) => {
    const doors = doorsOf(host, asked);
    if (doors.length === 0) return [];
    const { ruleset } = host;
    const tried = tryDoors(ruleset, doors).filter(({ by }) => !isManaged(ruleset, by));
    const of = (t: Tried): string => (t.by ? deciderText(ruleset, t.by) : "something");
    const from = doors[0]!.packets[0]!.src;
    const closed = byDecider(
      tried.filter(({ is }) => is === "closed"),
      of,
    ).map(
      ([text, those]): Finding => ({
        outcome: "fail",
        subject: doorNames(those),
        seen: `from ${from}, dropped by ${text}`,
        want: "let in",
        fix: openingFix(asked, false),
      }),
    );
    const unclear = byDecider(
      tried.filter(({ is }) => is === "unclear"),
      (t) => `${t.doubt} in ${of(t)}`,
    ).map(
      ([text, those]): Finding => ({
        outcome: "unknown",
        subject: doorNames(those),
        seen: `depends on ${text}`,
        want: "nothing that only a real packet shows: podwire node check --peers",
      }),
    );
    const open = tried.filter(({ is }) => is === "open");
    return [...closed, ...unclear, ...(open.length > 0 ? [ok(`let in from ${from}`, doorNames(open))] : [])];
  },
};
