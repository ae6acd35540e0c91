import { expect, test } from "bun:test";
import type { ListenerRow } from "../show/listeners.ts";
import { portRows } from "./ports.ts";
import { hiddenFromOthers, portStatus } from "./taken.ts";

const row = (id: string) => portRows.find((r) => r.id === id)!;

const listener = (netid: "tcp" | "udp", address: string, port: number, comm?: string): ListenerRow => ({
  netid,
  state: netid === "tcp" ? "LISTEN" : "UNCONN",
  family: address.includes(":") ? "inet6" : "inet",
  recv_q: 0,
  send_q: 0,
  local: { address, port },
  v6only: false,
  uid: 0,
  user: "root",
  inode: port,
  ...(comm === undefined ? {} : { processes: [{ pid: 42, comm, user: "root", uid: 0, command: comm }] }),
});

const stateOf = (id: string, ...listeners: ListenerRow[]) => portStatus(row(id), listeners).state;

test("a port is free, its owner's, a stranger's, or held by someone unseen", () => {
  expect(stateOf("kubelet")).toBe("free");
  expect(stateOf("kubelet", listener("tcp", "::", 10250, "kubelet"))).toBe("owner");
  expect(stateOf("kubelet", listener("tcp", "10.0.0.1", 10250, "nginx"))).toBe("stranger");
  expect(stateOf("kubelet", listener("tcp", "0.0.0.0", 10250))).toBe("unseen");
  expect(stateOf("kubelet", listener("udp", "0.0.0.0", 10250, "nginx"))).toBe("free");
});

test("what the kernel should hold is a stranger's when a program has it", () => {
  expect(stateOf("vxlan", listener("udp", "0.0.0.0", 8472))).toBe("owner");
  expect(stateOf("vxlan", listener("udp", "0.0.0.0", 8472, "dnsmasq"))).toBe("stranger");
});

test("a port that only the node itself asks is not taken at another address", () => {
  expect(stateOf("kube-scheduler", listener("tcp", "10.0.0.1", 10259, "nginx"))).toBe("free");
  expect(stateOf("kube-scheduler", listener("tcp", "::", 10259, "nginx"))).toBe("stranger");
});

test("every holder in a range is told, and a protocol of IP is no port", () => {
  const { holders, state } = portStatus(row("node-ports-tcp"), [
    listener("tcp", "0.0.0.0", 30080, "nginx"),
    listener("tcp", "0.0.0.0", 32767, "nc"),
    listener("tcp", "0.0.0.0", 32768, "nc"),
  ]);
  expect([state, holders.map((h) => h.port)]).toEqual(["stranger", [30080, 32767]]);
  expect(stateOf("calico-ipip")).toBe("no-port");
});

test("on loopback only is in others' way when others must reach it", () => {
  const only = portStatus(row("kubelet"), [listener("tcp", "127.0.0.1", 10250, "kubelet")]);
  expect([only.loopbackOnly, hiddenFromOthers(only)]).toEqual([true, true]);
  const fine = portStatus(row("kube-scheduler"), [listener("tcp", "::1", 10259, "kube-scheduler")]);
  expect([fine.loopbackOnly, hiddenFromOthers(fine)]).toEqual([true, false]);
});
