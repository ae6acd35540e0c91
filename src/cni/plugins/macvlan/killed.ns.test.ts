/** macvlan's ADD, killed (SIGKILL) before each of its kernel operations: DEL and GC leave nothing, and the next ADD works. */
import { expect, setDefaultTimeout, test } from "bun:test";
import { childConf, dual, withMaster } from "../../attach/child/testing/stage.ts";
import { expectWholeAfterKills } from "../../testing/killed.ts";
import { snapshot } from "../../testing/snapshot.ts";

// Each kill is a process of its own.
setDefaultTimeout(300_000);

test("macvlan with host-local", () =>
  withMaster(async (s) => {
    const pod = s.pod();
    const conf = childConf(s, "macvlan", {}, dual);
    // GC frees the address; the link goes with the pod's namespace, or with DEL.
    const lookAfterGc = () => [snapshot(s.host), s.store()];
    const look = () => [...lookAfterGc(), snapshot(pod)];
    expect(await expectWholeAfterKills(s, { conf, pod, look, lookAfterGc })).toBeGreaterThan(8);
  }));
