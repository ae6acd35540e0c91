import { expect, test } from "bun:test";
import { parseIp } from "../../../base/ip.ts";
import { ofTheTable } from "../talk/asks.ts";
import { type Member, planOf, sample } from "./plan.ts";

const member = (n: number, ...roles: Member["roles"][number][]): Member => ({
  roles,
  addresses: [parseIp(`10.0.0.${n}`), parseIp(`fd00::${n}`)],
});
const cluster = [member(1, "control-plane", "etcd"), member(2, "worker"), member(3, "worker")];

const froms = (id: string, to: number): number[] => {
  const { tries } = planOf(cluster, ["vxlan"]);
  return [...new Set(tries.filter((t) => t.row?.id === id && t.to === to).map((t) => t.from))].sort();
};

test("who must reach a port tries it, and nobody else", () => {
  expect(froms("kube-apiserver", 0)).toEqual([1, 2]);
  expect(froms("kube-apiserver", 1)).toEqual([]);
  expect(froms("etcd-peer", 0)).toEqual([]);
  expect(froms("kubelet", 1)).toEqual([0, 1, 2]);
  expect(froms("kube-scheduler", 0)).toEqual([0]);
  expect(froms("vxlan", 2)).toEqual([0, 1]);
});

test("what is for the node alone is open on loopback alone", () => {
  const { doors } = planOf(cluster, []);
  const scheduler = doors[0]!.filter((d) => d.port === 10259);
  expect(scheduler.map((d) => String(d.ip))).toEqual(["127.0.0.1"]);
});

test("a range is tried at its ends and between; both families are", () => {
  expect(sample([30000, 32767])).toEqual([30000, 30692, 31384, 32075, 32767]);
  expect(sample([51820, 51821])).toEqual([51820, 51821]);
  expect(sample([53, 53])).toEqual([53]);
  const { tries } = planOf(cluster, []);
  expect(tries.filter((t) => t.row?.id === "node-ports-udp" && t.from === 0 && t.to === 1)).toHaveLength(10);
});

test("nodes without a family in common are told, and not tried", () => {
  const six = { roles: ["worker"], addresses: [parseIp("fd00::9")] } as const;
  const four = { roles: ["worker"], addresses: [parseIp("10.0.0.9")] } as const;
  const { apart, tries } = planOf([six, four, cluster[1]!], ["vxlan"]);
  expect(apart).toEqual([
    [0, 1],
    [1, 0],
  ]);
  expect(tries.some((t) => t.from !== t.to && t.from < 2 && t.to < 2)).toBe(false);
  expect(planOf([{ roles: ["worker"], addresses: [] }, cluster[0]!], []).apart).toHaveLength(2);
});

test("all that is planned is what a node agrees to open and to try", () => {
  const all = ["vxlan", "wireguard", "calico", "cilium", "geneve", "metallb", "k3s", "dns-node-cache"] as const;
  const { doors, tries } = planOf(cluster, all);
  expect([...doors.flat(), ...tries].filter((spot) => !ofTheTable(spot))).toEqual([]);
  expect(new Set(tries.map((t) => t.id)).size).toBe(tries.length);
});
