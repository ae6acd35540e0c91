/** ADDs that are killed (SIGKILL) right before each of their kernel operations, and what has to be whole after that. */
import { expect } from "bun:test";
import { join } from "node:path";
import type { JsonObject } from "../../base/json-types.ts";
import type { TestNetns } from "../../kernel/testing/netns.ts";
import type { Stage } from "./stage.ts";

export interface Doomed {
  readonly conf: JsonObject;
  readonly pod: TestNetns;
  /** What may differ after DEL and after GC is left out by who looks. */
  readonly look: () => unknown;
  /** After GC alone, for what goes with the pod's namespace; default `look`. */
  readonly lookAfterGc?: () => unknown;
}

/** True when it was killed. */
const killAt = async (s: Stage, n: number, { conf, pod }: Doomed): Promise<boolean> => {
  const call = JSON.stringify({ netns: pod.path });
  const argv = [process.execPath, join(import.meta.dir, "doomed.child.ts"), s.host.path, String(n)];
  const child = Bun.spawn([...argv, JSON.stringify(conf), call], { stdio: ["ignore", "pipe", "inherit"] });
  const said = await new Response(child.stdout).text();
  await child.exited;
  if (child.signalCode !== "SIGKILL") expect(said).toBe("done\n");
  return child.signalCode === "SIGKILL";
};

/**
 * ADD is killed before its first operation, its second, and so on. DEL leaves nothing, and the same container can be added
 * again; GC leaves nothing either. Gives how often it was killed.
 */
export const expectWholeAfterKills = async (s: Stage, doomed: Doomed): Promise<number> => {
  const { conf, pod, look, lookAfterGc = look } = doomed;
  const [was, wasForGc] = [look(), lookAfterGc()];
  const must = async (verb: string, more: JsonObject = {}): Promise<void> =>
    expect(await s.call(verb, { ...conf, ...more }, { pod })).toMatchObject({ exit: 0 });
  for (let n = 1; ; n++) {
    const killed = await killAt(s, n, doomed);
    await must("DEL");
    expect({ n, after: "DEL", seen: look() }).toEqual({ n, after: "DEL", seen: was });
    await must("ADD");
    await must("DEL");
    expect({ n, after: "ADD and DEL", seen: look() }).toEqual({ n, after: "ADD and DEL", seen: was });
    await killAt(s, n, doomed);
    await must("GC", { "cni.dev/valid-attachments": [] });
    expect({ n, after: "GC", seen: lookAfterGc() }).toEqual({ n, after: "GC", seen: wasForGc });
    await must("DEL");
    expect({ n, after: "GC and DEL", seen: look() }).toEqual({ n, after: "GC and DEL", seen: was });
    if (!killed) return n - 1;
  }
};
