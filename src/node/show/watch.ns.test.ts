/** Changes that come faster than they are read. */
import { expect, test } from "bun:test";
import { withNetns } from "../../kernel/testing/netns.ts";
import { run } from "../../kernel/testing/run.ts";
import { openKernel } from "../../net/kernel.ts";
import type { LinkRow } from "./link-row.ts";
import { nouns } from "./nouns/registry.ts";
import { follow } from "./watch.ts";

test("when changes are lost, all is read anew: every link is told of once, and that some were lost is said", () =>
  withNetns(async (ns) => {
    using kernel = openKernel();
    const links = await nouns.links();
    const asked = { words: [], family: undefined, table: undefined, details: false };
    const stop = new AbortController();
    const told: string[] = [];
    let lost = 0;
    const pairs = Array.from({ length: 700 }, (_, i) => `link add a${i} type veth peer name b${i}`);
    await follow(
      { ns: kernel.open(ns.path) },
      links,
      asked,
      {
        // Nothing is read while this runs: the kernel has to keep it all, and cannot.
        ready: () => void run(["ip", "-n", ns.name, "-batch", "-"], { input: pairs.join("\n") }),
        lost: () => {
          lost++;
        },
        tell: ({ sign, row }) => {
          if (sign === "+") told.push((row as LinkRow).ifname);
          if (told.length === 2 * pairs.length) stop.abort();
        },
      },
      stop.signal,
    );
    expect(lost).toBeGreaterThan(0);
    expect(told.toSorted()).toEqual(pairs.flatMap((_, i) => [`a${i}`, `b${i}`]).toSorted());
  }));
