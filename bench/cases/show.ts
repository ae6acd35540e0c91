/** `podwire node show ... -o json` beside `ip -j`: whole processes, at 1,000 links and 5,000 routes. */
import { createNetns, deleteNetns } from "../../src/kernel/os/netns.ts";
import { run } from "../../src/kernel/testing/run.ts";
import { type Case, inTurn, timed } from "../harness.ts";

const RUNS = 41;
const NETNS = "bench-show";
const LINKS = 1000;
const ROUTES = 5000;
const podwire = `${process.cwd()}/dist/podwire`;

const fill = (): void => {
  const lines = ["link set lo up", "link add big0 type bridge", "address add 10.0.0.1/24 dev big0", "link set big0 up"];
  for (let i = 0; i < LINKS / 2 - 1; i++) lines.push(`link add a${i} type veth peer name b${i}`);
  for (let i = 0; i < ROUTES; i++) lines.push(`route add 10.${100 + (i >> 8)}.${i & 255}.0/24 via 10.0.0.2`);
  run(["ip", "-n", NETNS, "-batch", "-"], { input: lines.join("\n") });
};

const took = (argv: readonly string[]): Promise<number> =>
  timed(async () => {
    const child = Bun.spawn(["nsenter", `--net=/run/netns/${NETNS}`, ...argv], { stdout: "ignore", stderr: "inherit" });
    if ((await child.exited) !== 0) throw new Error(`${argv.join(" ")}: exit ${child.exitCode}`);
  });

/** A program of ours starts 3.5 ms later than `ip`, which is half of what `ip` takes for all of it. */
const sides = {
  [`node show links, ${LINKS} links`]: { ours: ["links"], theirs: ["link"], most: 1 },
  [`node show routes, ${ROUTES} routes`]: { ours: ["routes", "--family", "4"], theirs: ["route"], most: 1 },
} as const;

export const show: Case = {
  name: "show",
  run: async () => {
    createNetns(NETNS);
    try {
      fill();
      const rows = [];
      for (const [what, { ours, theirs, most }] of Object.entries(sides)) {
        const figures = await inTurn(
          RUNS,
          () => took([podwire, "node", "show", ...ours, "-o", "json"]),
          () => took(["ip", "-j", ...theirs]),
        );
        rows.push({ what, ...figures, peerName: "ip -j", unit: "ms" as const, bound: { most }, runs: RUNS });
      }
      return rows;
    } finally {
      deleteNetns(NETNS);
    }
  },
};
