/** host-local with 60,000 reservations in its store, against itself on an empty one. */
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { call, env, podwire, withPods } from "../cni.ts";
import { type Case, inTurn } from "../harness.ts";

const HELD = 60_000;
const RUNS = 21;

const config = (dataDir: string): object => ({
  cniVersion: "1.0.0",
  name: "bench",
  type: "bridge",
  ipam: { type: "host-local", dataDir, ranges: [[{ subnet: "10.0.0.0/8" }]] },
});

/** A store as the Go plugin would have left it. */
const fill = (dataDir: string): void => {
  const dir = `${dataDir}/bench`;
  mkdirSync(dir, { recursive: true });
  for (let i = 2; i < HELD + 2; i++)
    writeFileSync(`${dir}/10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`, `c${i}\r\neth0`, { mode: 0o600 });
  const last = HELD + 1;
  writeFileSync(`${dir}/last_reserved_ip.0`, `10.${last >> 16}.${(last >> 8) & 255}.${last & 255}`);
};

export const hostLocal: Case = {
  name: "host-local",
  run: async () => {
    const [full, empty] = [mkdtempSync(`${tmpdir()}/bench-`), mkdtempSync(`${tmpdir()}/bench-`)];
    fill(full);
    const { ours, peer, ratio } = await withPods(["bench-pod"], (path) => {
      const vars = (i: number) => env(podwire, "ADD", `new-${i}`, path("bench-pod"));
      const add = (dir: string) => async (i: number) => (await call(podwire, "host-local", vars(i), config(dir))).ms;
      return inTurn(RUNS, add(full), add(empty));
    });
    return [
      {
        what: `host-local ADD at ${HELD} reservations`,
        ours,
        peer,
        peerName: "itself, empty",
        ratio,
        unit: "ms",
        bound: { most: 2 },
        runs: RUNS,
      },
    ];
  },
};
