/** Plans as the lines a person would type. */
import { expect, test } from "bun:test";
import type { JsonObject } from "../../../base/json-types.ts";
import { render } from "../../../net/plan/render.ts";
import { parseConfig } from "./parse.ts";
import { planTap } from "./plan.ts";

const lines = (raw: JsonObject): string[] =>
  planTap({
    verb: "ADD",
    cniVersion: "1.1.0",
    network: "net1",
    containerId: "pod1",
    netns: "/run/netns/pod",
    ifname: "eth0",
    args: "",
    path: [],
    raw,
    config: parseConfig(raw, { cniVersion: "1.1.0", network: "net1", args: "" }),
  }).map(render);

test("at layer 2 the device goes up at once, with an address when it has it", () => {
  const made = "ip -n pod tuntap add dev eth0 mode tap";
  const set = "ip -n pod link set dev eth0 alias 'podwire net1/pod1/eth0'";
  expect(lines({})).toEqual([made, `${set} up`]);
  expect(lines({ ipam: { type: "host-local" } })).toEqual([made, set]);
});

test("every key has its word", () => {
  const raw = { owner: 0, group: 107, multiQueue: true, mtu: 9000, mac: "02:00:00:00:00:0a", bridge: "br0" };
  expect(lines(raw)).toEqual([
    "ip -n pod tuntap add dev eth0 mode tap user 0 group 107 multi_queue",
    "ip -n pod link set dev eth0 address 02:00:00:00:00:0a mtu 9000 alias 'podwire net1/pod1/eth0' master br0 up",
  ]);
});

test("an SELinux context is that of the program which makes the device", () => {
  expect(lines({ selinuxContext: "system_u:system_r:container_t:s0" })[0]).toBe(
    "ip netns exec pod runcon system_u:system_r:container_t:s0 ip tuntap add dev eth0 mode tap",
  );
});
