/** Rules as we print them beside what iptables prints of the same kernel. */
import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { iptablesLegacyProbe } from "../../../kernel/probe/iptables-legacy.ts";
import { skipUnless } from "../../../kernel/testing/skip.ts";
import { openKernel } from "../../../net/kernel.ts";
import { corpus, isLegacy } from "../testing/corpus.ts";
import { makeGround } from "../testing/ground.ts";
import { load } from "../testing/load.ts";
import type { Table } from "./model.ts";
import { textOf } from "./print.ts";
import { readRuleset } from "./read.ts";

// Managers take their time.
setDefaultTimeout(60_000);
const legacyTest = skipUnless(iptablesLegacyProbe);
const ground = makeGround();
const kernel = openKernel();
afterAll(() => {
  kernel[Symbol.dispose]();
  ground[Symbol.dispose]();
});

const theirs = ({ family, backend, name }: Table): string[] => {
  const program = `${family === "ip6" ? "ip6tables" : "iptables"}-${backend === "iptables-legacy" ? "legacy" : "nft"}`;
  const chains = new Map<string, string[]>();
  for (const line of ground.host.sh(`${program} -t ${name} -S`).split("\n")) {
    const [, chain] = /^-A (\S+)/.exec(line) ?? [];
    if (chain !== undefined) chains.set(chain, [...(chains.get(chain) ?? []), line.trim()]);
  }
  return [...chains.values()].flat();
};

/** What we have no words for ends in `…`: up to there the two must agree. */
const sameUpTo = (ours: string, line: string): string => {
  const at = ours.indexOf("…");
  return at < 0 || !line.startsWith(ours.slice(0, at)) ? line : ours;
};

for (const c of corpus().filter(
  (x) => x.file !== "nft.yaml" && x.file !== "mixed.yaml" && !x.name.startsWith("firewalld"),
))
  (isLegacy(c) ? legacyTest : test)(`${c.file.replace(".yaml", "")}: ${c.name}`, () => {
    load(ground.host, c);
    const ruleset = readRuleset(kernel.open(ground.host.path));
    for (const table of ruleset.tables.filter((t) => t.backend !== "nf_tables")) {
      const want = theirs(table).toSorted();
      const ours = [...table.chains.values()].flatMap((x) => x.rules.map((r) => textOf(ruleset, table, r))).toSorted();
      expect(ours).toEqual(want.map((line, i) => sameUpTo(ours[i] ?? "", line)));
    }
  });
