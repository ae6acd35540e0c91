import { expect, test } from "bun:test";
import { cidrText } from "../../base/cidr.ts";
import { labOf, namespacesOf } from "./lab.ts";

test("the first node is the control plane, and each has the next subnet of the cluster's", () => {
  const lab = labOf({ nodes: 3, family: "dual" });
  expect(lab.nodes.map((n) => [n.name, n.role, ...n.subnets.map(cidrText)])).toEqual([
    ["node1", "control-plane", "10.244.0.0/24", "fd00:10:244::/64"],
    ["node2", "worker", "10.244.1.0/24", "fd00:10:244:1::/64"],
    ["node3", "worker", "10.244.2.0/24", "fd00:10:244:2::/64"],
  ]);
});

test("pods are counted through the lab, and every namespace bears its name", () => {
  const lab = labOf({ name: "a", nodes: [{ pods: 2 }, { pods: 0 }, { pods: 1 }] });
  expect(namespacesOf(lab).map((p) => p.replace("/run/netns/", ""))).toEqual([
    "a-underlay",
    "a-node1",
    "a-node2",
    "a-node3",
    "a-pod-1",
    "a-pod-2",
    "a-pod-3",
  ]);
});

test("a router splits the nodes between two subnets", () => {
  const lab = labOf({ nodes: 5, underlay: "router" });
  expect(lab.nodes.map((n) => n.addresses.map(cidrText).join())).toEqual([
    "192.168.50.1/24",
    "192.168.50.2/24",
    "192.168.50.3/24",
    "192.168.51.4/24",
    "192.168.51.5/24",
  ]);
});

test("a subnet that is too small, or has the nodes in it, is refused", () => {
  expect(() => labOf({ subnet: "10.0.0.0/23", nodes: 3 })).toThrow("10.0.0.0/23 has no subnet left for node 3");
  expect(() => labOf({ subnet: "192.168.0.0/16" })).toThrow("has the nodes' own subnet 192.168.50.0/24 in it");
});
