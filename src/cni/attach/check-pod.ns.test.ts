/** CHECK of routes that the result's version cannot tell in full. */
import { expect, setDefaultTimeout, test } from "bun:test";
import { childConf, withMaster } from "./child/testing/stage.ts";

setDefaultTimeout(60_000);

const routes = [
  { dst: "10.7.0.0/16", table: 77 },
  { dst: "10.8.0.0/16", table: 77, priority: 50 },
  { dst: "10.9.0.0/16", scope: 253 },
  { dst: "fd99::/32", table: 77 },
  { dst: "0.0.0.0/0" },
];
const both = ["10.1.2.0/24", "fd00:1::/64"];
const plugins = { macvlan: {}, ptp: {}, bridge: { bridge: "br0" }, tap: {} };

for (const cniVersion of ["0.4.0", "1.0.0", "1.1.0"])
  for (const [type, more] of Object.entries(plugins))
    test(`${type} at ${cniVersion} takes its own ADD's routes for there, whatever their table and scope`, () =>
      withMaster(async (s) => {
        const pod = s.pod();
        const conf = { ...childConf(s, "macvlan", { cniVersion }, both, { routes }), type, ...more };
        const { exit, json } = await s.call("ADD", conf, { pod });
        expect({ exit, json }).toMatchObject({ exit: 0 });
        expect(pod.ipJson("-4 route show table 77")).toHaveLength(2);
        const asked = { ...conf, prevResult: json };
        expect(await s.call("CHECK", asked, { pod })).toEqual({ exit: 0, json: {}, stderr: "" });
        const losses = ["10.7.0.0/16 table 77", "10.8.0.0/16 table 77", "10.9.0.0/16", "default"];
        for (const lost of losses) pod.ip(`route del ${lost}`);
        const after = await s.call("CHECK", asked, { pod });
        for (const lost of losses) expect(String(after.json.msg)).toContain(`route ${lost.split(" ")[0]} `);
      }));
