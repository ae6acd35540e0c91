/** A kernel whose bridges cannot filter VLANs must not let a config believe that they do. */
import { expect, test } from "bun:test";
import { bridgeVlanFilteringProbe } from "../../../kernel/probe/bridge-vlan-filtering.ts";
import { withStage } from "../../testing/stage.ts";
import { bridgeConf } from "./testing/conf.ts";

const able = bridgeVlanFilteringProbe.ask().is === "yes";

test.skipIf(able)("where the bridge does not filter VLANs, STATUS and ADD say so, and nothing is left", () =>
  withStage(async (s) => {
    const conf = bridgeConf(s, { vlan: 100 });
    for (const verb of ["STATUS", "ADD"]) {
      const { exit, json } = await s.call(verb, conf, { pod: s.pod() });
      expect({ exit, code: json.code }).toEqual({ exit: 1, code: 50 });
      expect(String(json.msg)).toContain("cannot filter VLANs");
    }
    expect({ links: s.host.ipJson("link").map((l) => l.ifname), store: s.store() }).toEqual({
      links: ["lo"],
      store: {},
    });
  }),
);
