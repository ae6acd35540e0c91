/** A test that needs something of the kernel: skipped only when the kernel says no, and then the report says why. */
import { test } from "bun:test";
import type { Probe } from "../probe/answer.ts";

/** `skipUnless(vxlanProbe)("sentence", body)`. An unclear answer runs the test. */
export const skipUnless = (probe: Probe): ((name: string, body: () => void | Promise<void>) => void) => {
  const answer = probe.ask();
  return (name, body) => {
    if (answer.is === "no") test.skip(`${name} [no ${probe.name}: needs ${answer.needs}]`, body);
    else test(name, body);
  };
};
