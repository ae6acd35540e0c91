/** An ADD that has to succeed, and the kernel's own word on where packets go; for tests. */
import type { JsonObject } from "../../../../base/json-types.ts";
import type { TestNetns } from "../../../../kernel/testing/netns.ts";
import type { Stage } from "../../../testing/stage.ts";
import { attach, ground, type Net1, sbrConf } from "./ground.ts";

export const ifname = "net1";

/** A pod with net1, routed by source; the result has to have passed through. */
export const added = async (s: Stage, net1: Net1, more: JsonObject = {}): Promise<TestNetns> => {
  const pod = s.pod();
  ground(pod);
  const prev = attach(pod, net1);
  const { exit, json } = await s.call("ADD", sbrConf(prev, more), { pod, ifname });
  if (exit !== 0 || !Bun.deepEquals(json, prev)) throw new Error(`ADD gave ${JSON.stringify(json)}`);
  return pod;
};

/** Link and next hop of packets from one address to another. */
export const by = (pod: TestNetns, from: string, to: string): string | undefined => {
  const [route] = pod.ipJson<{ dev: string; gateway?: string }>(`route get ${to} from ${from}`);
  return route && `${route.dev} ${route.gateway ?? "direct"}`;
};
