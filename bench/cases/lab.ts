/** A whole lab up and down, against a shell script of `ip` lines that makes the same objects. */
import { labOf } from "../../src/lab/topology/lab.ts";
import { type Case, inTurn, median, type Row, timed } from "../harness.ts";
import { labScript, labScriptDown } from "../lab-script.ts";

const podwire = `${process.cwd()}/dist/podwire`;
const binDir = process.env.PODWIRE_BENCH_CNI ?? `${process.cwd()}/dist/cni`;

const run = async (argv: readonly string[], stdin?: string): Promise<void> => {
  const child = Bun.spawn([...argv], {
    stdin: stdin === undefined ? "ignore" : Buffer.from(stdin),
    stdout: "ignore",
    stderr: "pipe",
  });
  if ((await child.exited) !== 0) throw new Error(`${argv.join(" ")}: ${await new Response(child.stderr).text()}`);
};

const size = async (nodes: number, allPods: number, most: number, runs: number): Promise<Row[]> => {
  const pods = allPods / nodes;
  const name = "bench";
  const lab = labOf({ name: "script", nodes, pods });
  const up = [podwire, "lab", "up", "--name", name, "--nodes", `${nodes}`, "--pods", `${pods}`];
  const down: number[] = [];
  const figures = await inTurn(
    runs,
    async () => {
      const ms = await timed(() => run([...up, "--cni-bin-dir", binDir]));
      down.push(await timed(() => run([podwire, "lab", "down", "--name", name])));
      return ms;
    },
    async () => {
      const ms = await timed(() => run(["sh"], labScript(lab)));
      await run(["sh"], labScriptDown(lab));
      return ms;
    },
  );
  const what = `${nodes} nodes and ${allPods} pods`;
  return [
    { what: `lab up, ${what}`, ...figures, peerName: "script of ip lines", unit: "ms", bound: { most }, runs },
    { what: `lab down, ${what}`, ours: median(down), unit: "ms", bound: { most: 500 }, runs },
  ];
};

export const lab = {
  name: "lab",
  run: async () => [...(await size(3, 12, 1.5, 7)), ...(await size(10, 100, 0.7, 3))],
} satisfies Case;
