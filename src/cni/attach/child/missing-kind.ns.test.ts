/** A kernel that was built without a kind of link: said in words, with the line that may mend it, and nothing is left. */
import { expect, setDefaultTimeout, test } from "bun:test";
import { snapshot } from "../../testing/snapshot.ts";
import type { ChildKind } from "./config.ts";
import { probes } from "./refused.ts";
import { childConf, withMaster } from "./testing/stage.ts";

// Each test starts dozens of processes: on a busy machine that is slow, not wrong.
setDefaultTimeout(60_000);

const missing = Object.entries(probes).filter(([, probe]) => probe.ask().is === "no");
if (missing.length === 0) test.skip("a kind that the kernel lacks [this one has all]", () => {});

for (const [kind] of missing)
  test(`ADD and STATUS of ${kind} are 50 on a kernel that has none`, () =>
    withMaster(async (s) => {
      const pod = s.pod();
      const was = [snapshot(s.host), snapshot(pod), s.store()];
      for (const verb of ["ADD", "STATUS"]) {
        const { exit, json } = await s.call(verb, childConf(s, kind as ChildKind), { pod });
        expect({ exit, code: json.code }).toEqual({ exit: 1, code: 50 });
        expect(String(json.msg)).toContain(`this kernel has no ${kind}, needs CONFIG_`);
        expect(String(json.details)).toMatch(/^modprobe /);
      }
      expect([snapshot(s.host), snapshot(pod), s.store()]).toEqual(was);
    }));
