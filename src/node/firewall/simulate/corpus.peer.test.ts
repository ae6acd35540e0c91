/** Verdicts of the simulation beside the fate of real packets, ruleset by ruleset. */
import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { iptablesLegacyProbe } from "../../../kernel/probe/iptables-legacy.ts";
import { skipUnless } from "../../../kernel/testing/skip.ts";
import { openKernel } from "../../../net/kernel.ts";
import { packetOf, parseQuestion } from "../explain/question.ts";
import { readRuleset } from "../ruleset/read.ts";
import { corpus, isLegacy, wantOf } from "../testing/corpus.ts";
import { makeGround } from "../testing/ground.ts";
import { load } from "../testing/load.ts";
import { openRange } from "../testing/shoot.ts";
import { simulateAnswer } from "./answer.ts";
import { simulate } from "./simulate.ts";

// Managers take their time.
setDefaultTimeout(60_000);
const legacyTest = skipUnless(iptablesLegacyProbe);
const ground = makeGround();
const kernel = openKernel();
const range = openRange(kernel, ground);
afterAll(() => {
  range[Symbol.dispose]();
  kernel[Symbol.dispose]();
  ground[Symbol.dispose]();
});

for (const c of corpus())
  (isLegacy(c) ? legacyTest : test)(`${c.file.replace(".yaml", "")}: ${c.name}`, () => {
    load(ground.host, c);
    const ruleset = readRuleset(kernel.open(ground.host.path));
    const asked = Object.entries(c.packets).map(([line, want]) => ({
      line,
      want: wantOf(want),
      packet: packetOf(ruleset, parseQuestion([line])),
    }));
    const verdicts = asked.map(({ packet }) => simulate(ruleset, packet));
    const seen = range.shoot(asked.map(({ packet }) => packet));
    const said = asked.map(({ line, want }, i) => {
      const v = verdicts[i]!;
      return `${line}: ${v.fate}${want.owner ? ` by ${v.by?.owner}` : ""}`;
    });
    expect(said).toEqual(
      asked.map(({ line, want }) => `${line}: ${want.fate}${want.owner ? ` by ${want.owner}` : ""}`),
    );
    // Whoever begins a connection by TCP has heard of it only when the answer came, too.
    for (const [i, { packet, line }] of asked.entries())
      if (packet.protocol === "tcp" && verdicts[i]!.fate === "accepted")
        expect(`${line}: ${simulateAnswer(ruleset, packet, verdicts[i]!)?.fate ?? "accepted"}`).toBe(
          `${line}: accepted`,
        );
    // What cannot be told has a fate all the same; which one, nobody can say beforehand.
    const told = (line: string, i: number, fate: string): string =>
      verdicts[i]!.fate === "unclear" ? `${line}: ?` : `${line}: ${fate}`;
    expect(asked.map(({ line }, i) => told(line, i, verdicts[i]!.fate))).toEqual(
      asked.map(({ line }, i) => told(line, i, seen[i]!)),
    );
  });
