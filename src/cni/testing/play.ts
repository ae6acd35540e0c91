/** The same config played by a plugin of ours and by the reference's: result and state after each verb, to be compared. */
import { expect } from "bun:test";
import type { JsonObject } from "../../base/json-types.ts";
import { snapshot } from "./snapshot.ts";
import { type Answer, type Call, type Stage, type StageOptions, withStage } from "./stage.ts";

export interface Case {
  readonly conf?: JsonObject;
  /** Keys of `ipam` besides the store; null is no IPAM. */
  readonly ipam?: JsonObject | null;
  readonly call?: Call;
  /** Lines of sh, run in the host before. */
  readonly before?: string;
  /** Why the reference's own CHECK fails. */
  readonly theirCheck?: string;
}

const config = (s: Stage, base: JsonObject, c: Case): JsonObject => ({
  cniVersion: "1.0.0",
  name: "net1",
  ...base,
  ...(c.ipam !== null && { ipam: { type: "host-local", dataDir: s.dataDir, ...c.ipam } }),
  ...c.conf,
});

const hostSysctls = ["net/ipv4/ip_forward", "net/ipv6/conf/all/forwarding"];
const podSysctls = ["net/ipv6/conf/eth0/disable_ipv6", "net/ipv6/conf/lo/disable_ipv6"];

/** MACs that a case asks for bear this prefix, and stay in what is compared. */
const asked = "02:42:";

/** The result with what chance decided replaced. */
const told = (a: Answer, podPath: string): unknown => {
  const text = JSON.stringify(a.json)
    .replaceAll(podPath, "POD")
    .replace(/veth[0-9a-f]{8}/g, "veth");
  const mac = /(?:[\da-f]{2}:){5}[\da-f]{2}/g;
  const json = JSON.parse(text.replace(mac, (m) => (m.startsWith(asked) ? m : "MAC"))) as JsonObject;
  // Older libraries write an empty `dns` in 1.0.0 too.
  return json.cniVersion === "1.0.0" && JSON.stringify(json.dns) === "{}" ? { ...json, dns: undefined } : json;
};

type Ask = (verb: string, conf: JsonObject, call: Call) => Promise<Answer>;
export interface Player {
  readonly ask: (s: Stage) => Ask;
  readonly checks: (c: Case) => boolean;
}
export const ours: Player = { ask: (s) => s.call, checks: () => true };
/** The reference cannot CHECK without IPAM. */
export const theirs: Player = {
  ask: (s) => async (verb, conf, call) => s.reference(verb, conf, call),
  checks: (c) => c.ipam !== null && !c.theirCheck,
};

/** ADD, CHECK, DEL by one of the two, and what was to be seen after each. `base` names the plugin. */
export const play = async (
  base: JsonObject,
  c: Case,
  player: Player,
  options: StageOptions = {},
): Promise<unknown[]> => {
  const seen: unknown[] = [];
  await withStage(async (s) => {
    if (c.before) s.host.sh(c.before);
    const pod = s.pod();
    const conf = config(s, base, c);
    const call = { ...c.call, pod };
    const ask = player.ask(s);
    const look = (): unknown => ({
      host: snapshot(s.host, hostSysctls),
      pod: snapshot(pod, podSysctls),
      store: s.store(),
    });
    const added = await ask("ADD", conf, call);
    expect(added).toMatchObject({ exit: 0 });
    seen.push(told(added, pod.path), look());
    const podMac = pod.ipJson<{ address: string }>("link show eth0")[0]?.address ?? "";
    seen.push(podMac.startsWith(asked) && podMac);
    if (player.checks(c) && !/^0\.[123]/.test(String(conf.cniVersion)))
      expect(await ask("CHECK", { ...conf, prevResult: added.json }, call)).toMatchObject({ exit: 0 });
    expect(await ask("DEL", conf, call)).toMatchObject({ exit: 0 });
    seen.push(snapshot(s.host, hostSysctls), s.store());
  }, options);
  return seen;
};
