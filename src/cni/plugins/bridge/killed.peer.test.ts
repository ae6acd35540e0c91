/** bridge's ADD, killed (SIGKILL) before each of its kernel operations: DEL and GC leave nothing, and the next ADD works. */
import { expect, setDefaultTimeout, test } from "bun:test";
import { expectWholeAfterKills } from "../../testing/killed.ts";
import { snapshot } from "../../testing/snapshot.ts";
import { withStage } from "../../testing/stage.ts";
import { bridgeConf, dual } from "./testing/conf.ts";

// Each kill is a process of its own.
setDefaultTimeout(300_000);

test("bridge with everything that it can have in nf_tables", () =>
  withStage(async (s) => {
    const conf = bridgeConf(s, { isDefaultGateway: true, ipMasq: true, macspoofchk: true }, dual);
    const pod = s.pod();
    // The bridge and its addresses stay for other pods.
    await s.call("ADD", conf, { pod });
    await s.call("DEL", conf, { pod });
    const look = () => [snapshot(s.host), snapshot(pod), s.store(), s.host.sh("nft list ruleset")];
    expect(await expectWholeAfterKills(s, { conf, pod, look })).toBeGreaterThan(20);
  }));
