/** One case, played to its end: what was expected and not seen, and the lines that do the same by hand. */
import { FaultError, faultMessage, faultOf } from "../base/fault.ts";
import { assertionTroubles, type Memory, type Seen } from "./assert.ts";
import { callLines, callPlugin } from "./call.ts";
import { fill, fillText } from "./config.ts";
import { jsonOf, judgeCall, type Trouble } from "./judge.ts";
import { shown, valueAt } from "./match.ts";
import { type Attachments, type Request, requestOf } from "./request.ts";
import type { CallStep, Level, Step } from "./schema.ts";
import { type Snapshot, takeSnapshot } from "./snapshot.ts";
import { endLines, type Ground, openStage, type Ran, type Stage, stageLines } from "./stage.ts";
import type { Case, CaseReport, Finding } from "./types.ts";

/** Where a case stands while it is played. */
interface Play {
  readonly c: Case;
  readonly ground: Ground;
  readonly stage: Stage;
  readonly variables: Record<string, string>;
  readonly attachments: Attachments;
  readonly snapshots: Map<string, Snapshot>;
  readonly removed: Set<string>;
  readonly findings: Finding[];
  /** Shell lines so far. */
  readonly lines: string[];
}

const podsOf = (p: Play): string[] => p.stage.pods.filter((pod) => !p.removed.has(pod));

const find = (p: Play, level: Level, at: string, { what, expected, seen }: Trouble): void => {
  p.findings.push({ level, at: `${at}: ${what}`, expected, seen });
  // The first finding ends what is to be done by hand.
  if (p.findings.length === 1) p.lines.push(`# ${what}: expected ${expected}`.replaceAll("\n", " "));
};

const shell = (p: Play, place: string, script: string): Ran => {
  const words = fillText(script.trim(), p.variables);
  if (p.findings.length === 0) p.lines.push(`ip netns exec ${p.stage.nameOf(place)} sh -e <<'SHELL'\n${words}\nSHELL`);
  return p.stage.run(place, ["sh", "-ec", words]);
};

/** True when the rest of the case makes sense. */
const playCall = async (p: Play, step: CallStep, at: string): Promise<boolean> => {
  const times = step.times ?? 1;
  const requests = Array.from({ length: times }, (_, i) => {
    const variables = times > 1 ? { ...p.variables, N: `${i + 1}` } : p.variables;
    return requestOf(p.c, step, p.stage, variables, p.attachments, p.ground.env.PATH ?? "");
  });
  if (p.findings.length === 0) p.lines.push(...requests.map((r) => callLines(p.stage, r)));
  const rans = await Promise.all(requests.map((r) => callPlugin(p.stage, r)));
  const before = p.findings.length;
  for (const [i, request] of requests.entries())
    judgeOne(p, step, request, rans[i]!, times > 1 ? `${at} ${i + 1}` : at);
  judgeDistinct(p, step, rans, at);
  return !p.findings.slice(before).some((f) => f.at.endsWith("exit status"));
};

const judgeOne = (p: Play, step: CallStep, request: Request, ran: Ran, at: string): void => {
  const { expect, should } = step;
  if (expect) for (const t of judgeCall(fill(expect, p.variables), ran, request.prevResult)) find(p, p.c.level, at, t);
  if (should) for (const t of judgeCall(fill(should, p.variables), ran, request.prevResult)) find(p, "should", at, t);
  const said = jsonOf(ran.stdout);
  if (request.verb === "ADD" && ran.exit === 0 && typeof said === "object" && said !== null)
    p.attachments.set(request.attachment, said as Record<string, unknown>);
  for (const [name, path] of Object.entries(step.save ?? {})) {
    const value = valueAt(said, path);
    if (value === undefined)
      find(p, p.c.level, at, { what: `stdout: ${path}`, expected: "something", seen: shown(said) });
    p.variables[name] = String(value ?? "");
  }
};

const judgeDistinct = (p: Play, step: CallStep, rans: readonly Ran[], at: string): void => {
  const path = step.expect?.distinct;
  if (path === undefined) return;
  const values = rans.filter((r) => r.exit === 0).map((r) => String(valueAt(jsonOf(r.stdout), path)));
  const twice = values.find((value, i) => values.indexOf(value) !== i);
  if (twice !== undefined)
    find(p, p.c.level, at, {
      what: `stdout: ${path}`,
      expected: "different for each",
      seen: `${twice} more than once`,
    });
};

const playStep = async (p: Play, step: Step, at: string): Promise<boolean> => {
  if ("run" in step) {
    const place = step.in ?? "host";
    const ran = shell(p, place, step.run);
    if (ran.exit === 0) return true;
    find(p, p.c.level, at, { what: `shell in ${place}`, expected: "0", seen: `${ran.exit}: ${ran.stderr.trim()}` });
    return false;
  }
  if ("snapshot" in step) {
    p.snapshots.set(step.snapshot, takeSnapshot(p.stage, podsOf(p)));
    return true;
  }
  if ("removePod" in step) {
    await p.stage.removePod(step.removePod);
    p.removed.add(step.removePod);
    if (p.findings.length === 0) p.lines.push(`ip netns del ${p.stage.nameOf(step.removePod)}`);
    return true;
  }
  if (!("state" in step)) return playCall(p, step, at);
  const memory: Memory = { snapshots: p.snapshots, pods: podsOf(p) };
  for (const raw of step.state) {
    const assertion = fill(raw, p.variables);
    for (const trouble of assertionTroubles(p.stage, memory, assertion))
      look(p, assertion.level ?? p.c.level, at, trouble);
  }
  return true;
};

const look = (p: Play, level: Level, at: string, trouble: Seen): void => {
  if (p.findings.length === 0) p.lines.push(...trouble.lines);
  find(p, level, at, trouble);
};

const nameOfStep = (step: Step): string => {
  if ("verb" in step) return step.verb;
  return Object.keys(step).find((key) => ["run", "snapshot", "state", "removePod"].includes(key)) ?? "step";
};

const playAll = async (p: Play): Promise<void> => {
  p.lines.push(...stageLines(p.c, p.stage));
  for (const lines of p.c.setup) {
    const { exit, stderr } = shell(p, "host", lines);
    if (exit !== 0) throw new FaultError({ kind: "unavailable", why: `the setup failed: ${stderr.trim()}` });
  }
  const compared = p.c.spec.steps.some((step) => "state" in step && step.state.some((a) => a.unchanged === "start"));
  if (compared) p.snapshots.set("start", takeSnapshot(p.stage, p.stage.pods));
  for (const [i, step] of p.c.spec.steps.entries())
    if (!(await playStep(p, step, `step ${i + 1}, ${nameOfStep(step)}`))) return;
};

/** What a person can paste: the folder of the stage is one that this person may make. */
const byHand = (p: Play): string[] =>
  [...p.lines, ...endLines(p.stage)].map((line) => line.replaceAll(p.stage.work, "/tmp/podwire-case"));

export const runCase = async (c: Case, ground: Ground, skip: string | undefined): Promise<CaseReport> => {
  const { id, plugin, version, title, clause, level } = c;
  const head = { id, plugin, version, title, clause, level };
  if (skip !== undefined) return { ...head, outcome: "skipped", reason: skip, findings: [], reproduce: [], millis: 0 };
  const begun = performance.now();
  const millis = (): number => Math.round(performance.now() - begun);
  try {
    using stage = openStage(c, ground);
    const variables = { ...stage.variables };
    const memory = { attachments: new Map(), snapshots: new Map(), removed: new Set<string>() };
    const play: Play = { c, ground, stage, variables, ...memory, findings: [], lines: [] };
    await playAll(play);
    const { findings } = play;
    const outcome = findings.length === 0 ? "passed" : findings.some((f) => f.level === "must") ? "failed" : "differs";
    return { ...head, outcome, findings, reproduce: findings.length > 0 ? byHand(play) : [], millis: millis() };
  } catch (error) {
    const reason = faultMessage(faultOf(error));
    // Nothing is known of the plugin then: it must not pass for one that keeps the clause.
    return { ...head, outcome: "broken", reason, findings: [], reproduce: [], millis: millis() };
  }
};
