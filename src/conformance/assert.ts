/** An assertion about the state of host, pods and files: its troubles, and the lines that show the same by hand. */
import { readFileSync } from "node:fs";
import type { Trouble } from "./judge.ts";
import { jsonOf } from "./judge.ts";
import { differences, missing, present, shown } from "./match.ts";
import { reachLines, reachTrouble } from "./reach.ts";
import type { Assertion } from "./schema.ts";
import { type Snapshot, snapshotDifference, takeSnapshot } from "./snapshot.ts";
import type { Stage } from "./stage.ts";
import { type Kind, readState, stateKinds, stateLines } from "./state.ts";

export interface Memory {
  readonly snapshots: ReadonlyMap<string, Snapshot>;
  /** Pods that are still there. */
  readonly pods: readonly string[];
}

export interface Seen extends Trouble {
  readonly lines: readonly string[];
}

const stateTroubles = (stage: Stage, place: string, a: Assertion): Seen[] =>
  stateKinds.flatMap((kind: Kind) => {
    const [want, unwanted] = [a[kind] ?? [], a.without?.[kind] ?? []];
    if (want.length + unwanted.length === 0) return [];
    const rows = readState(stage, place, kind);
    const found = [...missing(want, rows, ""), ...present(unwanted, rows, "")];
    return found.map((d) => ({
      what: `${kind} of ${place}`,
      expected: d.want,
      seen: d.got,
      lines: stateLines(stage, place, kind),
    }));
  });

const sysctlTroubles = (stage: Stage, place: string, a: Assertion): Seen[] =>
  Object.entries(a.sysctls ?? {}).flatMap(([name, want]) => {
    const argv = ["cat", `/proc/sys/${name}`];
    const { stdout, stderr } = stage.run(place, argv);
    const seen = stdout.trim() || stderr.trim();
    const lines = [`ip netns exec ${stage.nameOf(place)} ${argv.join(" ")}`];
    return seen === want ? [] : [{ what: `sysctl ${name} of ${place}`, expected: want, seen, lines }];
  });

const readIf = (path: string): string | undefined => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
};

const fileTroubles = (a: Assertion): Seen[] =>
  (a.files ?? []).flatMap(({ path, json, text, absent }) => {
    const content = readIf(path);
    const trouble = (expected: string, seen: string): Seen[] => [
      { what: `file ${path}`, expected, seen, lines: [`cat ${path}`] },
    ];
    if (absent) return content === undefined ? [] : trouble("not there", shown(content));
    if (content === undefined) return trouble("is there", "no such file");
    if (text !== undefined && !content.includes(text)) return trouble(`has ${shown(text)} in it`, shown(content));
    if (json === undefined) return [];
    return differences(json, jsonOf(content)).flatMap((d) => trouble(`${d.at} ${d.want}`, d.got));
  });

/** Left-overs told one by one; of a long list the first are enough. */
const MOST_LINES = 8;
const LONGEST_LINE = 160;
const cut = (line: string): string => (line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}…` : line);

const unchangedTroubles = (stage: Stage, memory: Memory, name: string): Seen[] => {
  const before = memory.snapshots.get(name);
  if (!before) return [{ what: `snapshot ${name}`, expected: "was taken before", seen: "no such snapshot", lines: [] }];
  const gone = stage.pods.filter((pod) => !memory.pods.includes(pod));
  const lines = snapshotDifference(before, takeSnapshot(stage, memory.pods), gone);
  if (lines.length === 0) return [];
  const more = lines.length > MOST_LINES ? ` and ${lines.length - MOST_LINES} more` : "";
  const seen = `${lines.slice(0, MOST_LINES).map(cut).join("; ")}${more}`;
  const host = stage.nameOf("host");
  const look = [
    `ip netns exec ${host} ip address`,
    `ip netns exec ${host} nft list ruleset`,
    `find ${stage.variables.DATADIR}`,
  ];
  return [{ what: "host, pods and files", expected: `as they were (${name})`, seen, lines: look }];
};

export const assertionTroubles = (stage: Stage, memory: Memory, a: Assertion): Seen[] => {
  const place = a.in ?? "host";
  return [
    ...stateTroubles(stage, place, a),
    ...sysctlTroubles(stage, place, a),
    ...fileTroubles(a),
    ...(a.unchanged === undefined ? [] : unchangedTroubles(stage, memory, a.unchanged)),
    ...(a.reach ?? []).flatMap((r) => {
      const trouble = reachTrouble(stage, r);
      return trouble ? [{ what: "traffic", ...trouble, lines: reachLines(stage, r) }] : [];
    }),
  ];
};
