/** `podwire verify` of a lab with 100 pods: all 9,900 ordered pairs over TCP, whole process. */
import { type Case, median, timed } from "../harness.ts";

const podwire = `${process.cwd()}/dist/podwire`;
const RUNS = 5;

const run = async (...args: readonly string[]): Promise<string> => {
  const child = Bun.spawn([podwire, ...args], { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const out = await new Response(child.stdout).text();
  if ((await child.exited) !== 0)
    throw new Error(`podwire ${args.join(" ")}: ${out}${await new Response(child.stderr).text()}`);
  return out;
};

export const verify: Case = {
  name: "verify",
  run: async () => {
    await run("lab", "up", "--name", "bench", "--nodes", "10", "--pods", "10");
    try {
      const args = ["verify", "--name", "bench", "--protocol", "tcp", "--only", "pod-to-pod", "-o", "json"] as const;
      const seconds: number[] = [];
      for (let i = 0; i < RUNS; i++) seconds.push((await timed(() => run(...args))) / 1000);
      const report = JSON.parse(await run(...args)) as { promises: { id: string; checked: number }[] };
      const pairs = report.promises.find((p) => p.id === "pod-to-pod")?.checked;
      if (pairs !== 9900) throw new Error(`verify checked ${pairs} pairs, not 9900`);
      return [
        {
          what: "verify of 100 pods, 9,900 pairs, TCP",
          ours: median(seconds),
          unit: "s",
          bound: { most: 3 },
          runs: RUNS,
        },
      ];
    } finally {
      await run("lab", "down", "--name", "bench");
    }
  },
};
