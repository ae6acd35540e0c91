/** Verdicts of the simulation beside the fate of real packets, ruleset by ruleset. */
import { afterAll, expect, test } from "bun:test";
import { run } from "../../../kernel/testing/run.ts";
import { openKernel } from "../../../net/kernel.ts";
import { packetOf, parseQuestion } from "../explain/question.ts";
import { readRuleset } from "../ruleset/read.ts";
import { type Case, corpus, type Load, wantOf } from "../testing/corpus.ts";
import { makeGround } from "../testing/ground.ts";
import { openRange } from "../testing/shoot.ts";
import { simulate } from "./simulate.ts";

const ground = makeGround();
const kernel = openKernel();
const range = openRange(kernel, ground);
afterAll(() => {
  range[Symbol.dispose]();
  kernel[Symbol.dispose]();
  ground[Symbol.dispose]();
});

const inside = (argv: readonly string[], input?: string): string =>
  run(["nsenter", `--net=${ground.host.path}`, ...argv], input === undefined ? {} : { input });

type Program = Exclude<keyof Load, "both" | "both6">;
const programs: { readonly [K in Program]: readonly string[] } = {
  nft: ["nft", "-f", "-"],
  iptables: ["iptables-nft-restore"],
  ip6tables: ["ip6tables-nft-restore"],
  legacy: ["iptables-legacy-restore"],
  legacy6: ["ip6tables-legacy-restore"],
  sh: ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-e"],
};

const clear = (): void => {
  inside([
    "sh",
    "-c",
    `nft flush ruleset
     for v in ip ip6; do
       for t in $(cat /proc/net/\${v}_tables_names 2>/dev/null); do
         printf '*%s\\n' $t
         case $t in
           filter|security) c="INPUT FORWARD OUTPUT";;
           raw) c="PREROUTING OUTPUT";;
           nat) c="PREROUTING INPUT OUTPUT POSTROUTING";;
           *) c="PREROUTING INPUT FORWARD OUTPUT POSTROUTING";;
         esac
         for x in $c; do echo ":$x ACCEPT"; done
         echo COMMIT
       done | \${v}tables-legacy-restore
     done
     sysctl -qw net.bridge.bridge-nf-call-iptables=0 net.ipv4.conf.up0.forwarding=1
     ipset destroy 2>/dev/null; conntrack -F 2>/dev/null; true`,
  ]);
};

const loadAll = (c: Case): void => {
  clear();
  for (const load of c.load)
    for (const [how, text] of Object.entries(load)) inside(programs[how as Program], text as string);
};

for (const c of corpus())
  test(`${c.file.replace(".yaml", "")}: ${c.name}`, () => {
    loadAll(c);
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
    // What cannot be told has a fate all the same; which one, nobody can say beforehand.
    const told = (line: string, i: number, fate: string): string =>
      verdicts[i]!.fate === "unclear" ? `${line}: ?` : `${line}: ${fate}`;
    expect(asked.map(({ line }, i) => told(line, i, verdicts[i]!.fate))).toEqual(
      asked.map(({ line }, i) => told(line, i, seen[i]!)),
    );
  }, 60_000);
