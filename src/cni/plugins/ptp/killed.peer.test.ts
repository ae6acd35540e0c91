/** ptp's ADD, killed (SIGKILL) before each of its kernel operations: DEL and GC leave nothing, and the next ADD works. */
import { expect, setDefaultTimeout, test } from "bun:test";
import { expectWholeAfterKills } from "../../testing/killed.ts";
import { snapshot } from "../../testing/snapshot.ts";
import { withStage } from "../../testing/stage.ts";
import { defaults, dual, ptpConf } from "./testing/conf.ts";

// Each kill is a process of its own.
setDefaultTimeout(300_000);

test("ptp with masquerading and host-local", () =>
  withStage(async (s) => {
    const pod = s.pod();
    const conf = ptpConf(s, { ipMasq: true }, dual, defaults);

    const look = () => [snapshot(s.host), snapshot(pod), s.store(), s.host.sh("nft list ruleset")];
    expect(await expectWholeAfterKills(s, { conf, pod, look })).toBeGreaterThan(20);
  }));
