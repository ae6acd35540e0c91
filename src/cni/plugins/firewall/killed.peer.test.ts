/** firewall's ADD, killed (SIGKILL) before each of its kernel operations: DEL and GC leave nothing, and the next ADD works. */
import { expect, setDefaultTimeout, test } from "bun:test";
import { expectWholeAfterKills } from "../../testing/killed.ts";
import { withStage } from "../../testing/stage.ts";
import { attach, base, ruleset } from "./testing/pods.ts";

// Each kill is a process of its own.
setDefaultTimeout(300_000);

for (const ingressPolicy of ["open", "same-bridge", "isolated"])
  test(`firewall with ingressPolicy ${ingressPolicy} beside chains that drop`, () =>
    withStage(async (s) => {
      s.host.sh("iptables -P FORWARD DROP; ip6tables -P FORWARD DROP");
      const { pod, prevResult } = await attach(s);
      const conf = { ...base, ingressPolicy, prevResult };
      expect(await expectWholeAfterKills(s, { conf, pod, look: () => ruleset(s.host) })).toBeGreaterThan(5);
    }));
