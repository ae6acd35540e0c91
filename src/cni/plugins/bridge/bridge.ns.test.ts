/** The verbs of bridge on a kernel, with our host-local; `ip -j` is the judge. */
import { describe, expect, test } from "bun:test";
import type { JsonObject } from "../../../base/json-types.ts";
import { type Stage, withStage } from "../../testing/stage.ts";

const conf = (s: Stage, more: JsonObject = {}, ranges: readonly string[] = ["10.1.2.0/24"]): JsonObject => ({
  cniVersion: "1.1.0",
  name: "net1",
  type: "bridge",
  bridge: "br0",
  ...(ranges.length > 0 && {
    ipam: { type: "host-local", dataDir: s.dataDir, ranges: ranges.map((subnet) => [{ subnet }]) },
  }),
  ...more,
});

test("smoke", () =>
  withStage(async (s) => {
    const pod = s.pod();
    const c = conf(s, { isDefaultGateway: true });
    const a = await s.call("ADD", c, { pod });
    console.log(JSON.stringify(a, null, 1));
    console.log(pod.ip("addr"), pod.ip("route"), s.host.ip("addr"));
    console.log(await s.call("CHECK", { ...c, prevResult: a.json }, { pod }));
    console.log(pod.sh("ping -c1 -W1 10.1.2.1"));
    console.log(await s.call("DEL", c, { pod }));
    console.log(s.host.ip("addr"), s.store());
    console.log(await s.call("DEL", c, { pod }));
  }));
describe;
expect;
