/** portmap's ADD, killed (SIGKILL) before each of its kernel operations: DEL and GC leave nothing, and the next ADD works. */
import { expect, setDefaultTimeout, test } from "bun:test";
import { expectWholeAfterKills } from "../../testing/killed.ts";
import { withStage } from "../../testing/stage.ts";
import { attach, dns, http, mapped, ruleset } from "./testing/pods.ts";

// Each kill is a process of its own.
setDefaultTimeout(300_000);

test("portmap with two mappings in two families", () =>
  withStage(async (s) => {
    const { pod, prevResult } = await attach(s);
    const conf = { ...mapped([http, dns]), prevResult };
    expect(await expectWholeAfterKills(s, { conf, pod, look: () => ruleset(s.host) })).toBeGreaterThan(5);
  }));
