/** The reference's bandwidth and ours, given the same config: result, links and buckets have to be the same. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import type { JsonObject } from "../../../base/json-types.ts";
import { snapshot } from "../../testing/snapshot.ts";
import { type Answer, type Stage, withStage } from "../../testing/stage.ts";
import { both, shaping, wired } from "./testing/shaped.ts";

// Each test starts dozens of processes: on a busy machine that is slow, not wrong.
setDefaultTimeout(60_000);

const { ingressRate, ingressBurst, egressRate, egressBurst } = both;
const runtimeConfig = { bandwidth: { ingressRate: 3_000_000, ingressBurst: 96_000, egressRate: 0, egressBurst: 0 } };

const cases: Record<string, JsonObject> = {
  "both ways": both,
  "what the pod receives": { ingressRate, ingressBurst },
  "what the pod sends": { egressRate, egressBurst },
  "a pod's annotations": { runtimeConfig },
  "the config beside a pod's annotations": { runtimeConfig, egressRate, egressBurst },
  "the config's zeros beside a pod's annotations": { runtimeConfig, ingressRate: 0 },
  zeros: { ingressRate: 0, ingressBurst: 0, egressRate: 0, egressBurst: 0 },
  nothing: {},
  "keys in another case": { INGRESSRATE: ingressRate, ingressburst: ingressBurst },
  "CNI 0.3.0": { ...both, cniVersion: "0.3.0" },
  "CNI 0.3.1": { ...both, cniVersion: "0.3.1" },
  "CNI 0.4.0": { ...both, cniVersion: "0.4.0" },
};

const refused: Record<string, JsonObject> = {
  "a rate without a burst": { ingressRate },
  "a burst without a rate": { egressBurst },
  "a burst of 4 GiB": { ingressRate, ingressBurst: 34_359_738_360 },
  "a rate that is no number": { ingressRate: "10M", ingressBurst },
  "a negative rate": { ingressRate: -1, ingressBurst },
};

type Ask = (verb: string, conf: JsonObject, call: object) => Promise<Answer>;
const ours = (s: Stage): Ask => s.call;
const theirs =
  (s: Stage): Ask =>
  (verb, conf, call) =>
    Promise.resolve(s.reference(verb, conf, call));

/** Without names, MACs and the pod's path. */
const plain = (value: unknown, podPath: string): unknown =>
  JSON.parse(
    JSON.stringify(value)
      .replaceAll(podPath, "POD")
      .replace(/bwp[0-9a-f]{12}/g, "IFB")
      .replace(/veth[0-9a-f]{8}/g, "VETH")
      .replace(/(?:[\da-f]{2}:){5}[\da-f]{2}/g, "MAC"),
  );

/** Rates and bursts of the buckets, in bytes. The reference rounds a burst by way of microseconds. */
const buckets = (s: Stage): unknown[] =>
  (
    JSON.parse(s.host.sh("tc -j qdisc show")) as {
      kind: string;
      dev: string;
      options: { rate: number; burst: number };
    }[]
  )
    .filter((q) => q.kind === "tbf")
    .map(({ dev, options }) => [dev.slice(0, 3), options.rate, Math.round(options.burst / 100)])
    .sort();

const play = async (more: JsonObject, player: (s: Stage) => Ask): Promise<unknown[]> => {
  const seen: unknown[] = [];
  await withStage(async (s) => {
    const conf = shaping({ cniVersion: "1.0.0", ...more });
    const w = await wired(s, "pod1", { cniVersion: String(conf.cniVersion) });
    const ask = player(s);
    const look = (): unknown => plain([snapshot(s.host), snapshot(w.pod)], w.pod.path);
    const added = await ask("ADD", { ...conf, prevResult: w.prevResult }, w.call);
    expect(added).toMatchObject({ exit: 0 });
    seen.push(plain({ ...added.json, dns: undefined }, w.pod.path), look(), buckets(s));
    // Without any of its keys in the config the reference's CHECK crashes.
    if (!/^0\.3/.test(String(conf.cniVersion)) && Object.keys(more).length > 0)
      expect(await ask("CHECK", { ...conf, prevResult: added.json }, w.call)).toMatchObject({ exit: 0 });
    expect(await ask("DEL", { ...conf, prevResult: added.json }, w.call)).toMatchObject({ exit: 0 });
    seen.push(look());
  });
  return seen;
};

describe("the reference's bandwidth and ours make the same", () => {
  for (const [name, more] of Object.entries(cases))
    test(name, async () => {
      expect(await play(more, ours)).toEqual(await play(more, theirs));
    });
});

describe("the reference's bandwidth and ours refuse", () => {
  for (const [name, more] of Object.entries(refused))
    test(name, () =>
      withStage(async (s) => {
        const w = await wired(s, "pod1", { cniVersion: "1.0.0" });
        const conf = { ...shaping({ cniVersion: "1.0.0", ...more }), prevResult: w.prevResult };
        const answers = [await s.call("ADD", conf, w.call), s.reference("ADD", conf, w.call)];
        expect(answers.map((a) => a.exit)).toEqual([1, 1]);
      }),
    );
});

test("our DEL takes away what the reference's ADD made", () =>
  withStage(async (s) => {
    const w = await wired(s, "pod1", { cniVersion: "1.0.0" });
    const conf = { ...shaping({ cniVersion: "1.0.0", ...both }), prevResult: w.prevResult };
    expect(s.reference("ADD", conf, w.call)).toMatchObject({ exit: 0 });
    expect(await s.call("DEL", conf, { ...w.call, netns: "" })).toMatchObject({ exit: 0 });
    expect(s.host.ipJson<{ ifname: string }>("link").filter((l) => l.ifname.startsWith("bwp"))).toEqual([]);
  }));
