import { expect, test } from "bun:test";
import { parseIp } from "../base/ip.ts";
import { makeNetns, withNetns } from "../kernel/testing/netns.ts";
import type { Endpoint } from "./types.ts";
import { verify } from "./verify.ts";

const COUNT = 40;

test("forty pods on one bridge, more pairs than the neighbour table takes, all reach each other and leave no entry", () =>
  withNetns((node) => {
    node.sh("ip link add cni0 type bridge && ip link set cni0 up");
    using stack = new DisposableStack();
    const pods = Array.from({ length: COUNT }, () => stack.use(makeNetns()));
    for (const [i, pod] of pods.entries()) {
      node.sh(`ip link add p${i} type veth peer name eth0 netns ${pod.name} && ip link set p${i} master cni0 up`);
      pod.sh(`ip address add 10.7.0.${i + 1}/24 dev eth0 && ip link set eth0 up`);
      node.ip(`link show dev p${i}`); // the kernel catches up on the carrier of a link that is asked for by name
    }
    node.ip("link show dev cni0");
    const kept = "10.7.0.200 dev eth0 lladdr 02:00:00:00:00:01 nud stale";
    pods[0]!.ip(`neighbour add ${kept}`);
    const endpoints = pods.map((pod, i): Endpoint => {
      return { name: `p${i}`, kind: "pod", node: "n", netns: pod.path, ips: [parseIp(`10.7.0.${i + 1}`)] };
    });
    const report = verify(endpoints, { protocols: ["udp"], promises: ["pod-to-pod"], keep: "broken" });
    expect(report.findings).toEqual([]);
    expect(report.summary.checked).toBe(COUNT * (COUNT - 1));
    expect(pods[0]!.ipJson<{ dst: string }>("-4 neighbour show nud all dev eth0").map((n) => n.dst)).toEqual([
      "10.7.0.200",
    ]);
    expect(pods[1]!.ipJson("-4 neighbour show nud all dev eth0")).toEqual([]);
  }));
