/** A pod on a bridge, with bandwidth behind it in the chain. */
import type { JsonObject } from "../../../../base/json-types.ts";
import type { TestNetns } from "../../../../kernel/testing/netns.ts";
import type { Call, Stage } from "../../../testing/stage.ts";

export const network = { cniVersion: "1.1.0", name: "net1" } as const;

export const bridgeConf = (s: Stage, more: JsonObject = {}): JsonObject => ({
  ...network,
  type: "bridge",
  bridge: "br0",
  isDefaultGateway: true,
  ipam: { type: "host-local", dataDir: s.dataDir, ranges: [[{ subnet: "10.1.2.0/24" }], [{ subnet: "fd00:1::/64" }]] },
  ...more,
});

/** 10 Mbit/s to the pod and 20 Mbit/s from it, 10 ms of each at once. */
export const both = { ingressRate: 10_000_000, ingressBurst: 100_000, egressRate: 20_000_000, egressBurst: 200_000 };

export const shaping = (more: JsonObject = both): JsonObject => ({ ...network, type: "bandwidth", ...more });

export interface Wired {
  readonly pod: TestNetns;
  readonly call: Call;
  /** bridge's result. */
  readonly prevResult: JsonObject;
  /** Name of the host's end of the veth. */
  readonly veth: string;
}

/** What bandwidth finds. */
export const wired = async (s: Stage, containerId = "pod1", more: JsonObject = {}): Promise<Wired> => {
  const pod = s.pod();
  const call = { pod, containerId };
  const { exit, json } = await s.call("ADD", bridgeConf(s, more), call);
  if (exit !== 0) throw new Error(JSON.stringify(json));
  const veth = (json.interfaces as { name: string; sandbox?: string }[]).find((i) => i.name.startsWith("veth"))!.name;
  return { pod, call, prevResult: json, veth };
};

export const ifbs = (s: Stage): { ifname: string; ifalias?: string; group?: string }[] =>
  s.host
    .ipJson<{ ifname: string; ifalias?: string; linkinfo?: { info_kind?: string } }>("link")
    .filter((l) => l.linkinfo?.info_kind === "ifb");
