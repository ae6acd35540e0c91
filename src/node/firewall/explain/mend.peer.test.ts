/** The line that we say lets a packet in does so: the simulation says it, and the packet. */
import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { iptablesLegacyProbe } from "../../../kernel/probe/iptables-legacy.ts";
import { skipUnless } from "../../../kernel/testing/skip.ts";
import { openKernel } from "../../../net/kernel.ts";
import { readRuleset } from "../ruleset/read.ts";
import { simulateAnswer } from "../simulate/answer.ts";
import { simulate } from "../simulate/simulate.ts";
import type { Packet, Verdict } from "../simulate/verdict.ts";
import { corpus, isLegacy, wantOf } from "../testing/corpus.ts";
import { makeGround } from "../testing/ground.ts";
import { load } from "../testing/load.ts";
import { openRange } from "../testing/shoot.ts";
import { mendingLine } from "./mend.ts";
import { packetOf, parseQuestion } from "./question.ts";

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

const verdictNow = (packet: Packet): Verdict => simulate(readRuleset(kernel.open(ground.host.path)), packet);

/** Each line answers the one who refuses now; the next may refuse, too. */
const MOST = 3;

const cases = corpus().flatMap((c) => {
  if (c.file === "managers.yaml") return [];
  const refused = Object.entries(c.packets).find(([, want]) => {
    const { fate, owner } = wantOf(want);
    return (fate === "dropped" || fate === "rejected") && owner !== "kernel";
  });
  return refused ? [{ c, line: refused[0] }] : [];
});

const typed = /^(nft|ip6?tables(-legacy)?) /;

for (const { c, line } of cases)
  (isLegacy(c) ? legacyTest : test)(`${c.file.replace(".yaml", "")}: ${c.name}: ${line}`, () => {
    load(ground.host, c);
    const packet = packetOf(readRuleset(kernel.open(ground.host.path)), parseQuestion([line]));
    for (let i = 0; i < MOST; i++) {
      const verdict = verdictNow(packet);
      if (verdict.fate === "accepted") break;
      const mend = mendingLine(packet, verdict);
      expect(mend).toBeString();
      if (!typed.test(mend!)) return; // for kubectl, docker and the like
      ground.host.sh(mend!);
    }
    const ruleset = readRuleset(kernel.open(ground.host.path));
    const verdict = simulate(ruleset, packet);
    expect(verdict.fate).toBe("accepted");
    // A sender of TCP is content only when the answer comes, too.
    const answer = packet.protocol === "udp" ? undefined : simulateAnswer(ruleset, packet, verdict);
    const answered = answer === undefined || answer.fate === "accepted";
    expect(range.shoot([packet])).toEqual([answered ? "accepted" : "dropped"]);
  });
