/** What a role's rows of the table of ports become: who may come from where, and what nobody may. */
import { expect, test } from "bun:test";
import { cidrText, parseCidr } from "../../base/cidr.ts";
import { portText, rowsFor } from "../ports/rows-for.ts";
import { markOf, type Opening, openingsOf, type Sources, unopened } from "./openings.ts";

const nothing: Sources = { nodes: [], pods: [], neighbours: [], families: [4] };
const cidrs = (...texts: string[]) => texts.map((text) => parseCidr(text));
const text = (o: Opening): string =>
  o.to === "pods" ? `pods ${cidrText(o.pods)}` : `${portText(o)} from ${o.from ? cidrText(o.from) : "anywhere"}`;

test("what only the node itself asks is not opened", () => {
  const rows = rowsFor(["control-plane"], []);
  const open = openingsOf(rows, nothing).map(text);
  expect(rows.some((r) => r.id === "kube-scheduler")).toBe(true);
  for (const port of ["tcp/10259", "tcp/10257", "tcp/10248"]) expect(open.join()).not.toContain(port);
});

test("clients come from anywhere, wherever the nodes are", () => {
  const open = openingsOf(rowsFor(["worker"], []), { ...nothing, nodes: cidrs("10.0.0.0/24") }).map(text);
  expect(open).toContain("tcp/30000-32767 from anywhere");
  expect(open).toContain("udp/30000-32767 from anywhere");
});

test("nodes' ports are open to the nodes alone, and to pods where pods ask, when somebody said where they are", () => {
  const sources = { ...nothing, nodes: cidrs("10.0.0.0/24", "10.1.0.0/24"), pods: cidrs("10.244.0.0/16") };
  const open = openingsOf(rowsFor(["worker"], []), sources).map(text);
  expect(open.filter((o) => o.startsWith("tcp/10250"))).toEqual([
    "tcp/10250 from 10.0.0.0/24",
    "tcp/10250 from 10.1.0.0/24",
    "tcp/10250 from 10.244.0.0/16",
  ]);
  expect(open.at(-1)).toBe("pods 10.244.0.0/16");
});

test("without a word of where the nodes are their ports are open to everybody, but tunnels only to the own networks", () => {
  const sources = { ...nothing, neighbours: cidrs("192.168.7.0/24") };
  const open = openingsOf(rowsFor(["worker"], ["vxlan"]), sources).map(text);
  expect(open).toContain("tcp/10250 from anywhere");
  expect(open.filter((o) => o.startsWith("udp/8472"))).toEqual(["udp/8472 from 192.168.7.0/24"]);
});

test("a tunnel that nobody can be let into stays closed, and is told", () => {
  const rows = rowsFor(["worker"], ["vxlan"]);
  expect(openingsOf(rows, nothing).map(text).join()).not.toContain("8472");
  expect(unopened(rows, nothing).map(portText)).toEqual(["udp/8472"]);
});

test("an address of a family that the host has none of opens nothing", () => {
  const sources: Sources = {
    nodes: cidrs("10.0.0.0/24", "fd00::/64"),
    pods: cidrs("10.244.0.0/16", "fd00:244::/56"),
    neighbours: [],
    families: [6],
  };
  const open = openingsOf(rowsFor(["worker"], []), sources);
  expect(open.map(text).filter((o) => o.startsWith("tcp/10250"))).toEqual([
    "tcp/10250 from fd00::/64",
    "tcp/10250 from fd00:244::/56",
  ]);
  expect(open.every((o) => o.families.join() === "6")).toBe(true);
  expect(text(open.at(-1)!)).toBe("pods fd00:244::/56");
});

test("protocols without ports are opened by their number", () => {
  const open = openingsOf(rowsFor(["worker"], ["calico"]), { ...nothing, nodes: cidrs("10.0.0.0/24") }).map(text);
  expect(open).toContain("ip/4 from 10.0.0.0/24");
});

test("marks begin with our name, differ for every opening, and fit into a comment of nf_tables and iptables", () => {
  const sources: Sources = {
    nodes: cidrs("10.0.0.0/24", "2001:db8:1234:5678:9abc:def0:1234:5678/128"),
    pods: cidrs("10.244.0.0/16"),
    neighbours: [],
    families: [4, 6],
  };
  const marks = openingsOf(rowsFor(["control-plane", "worker"], ["vxlan", "calico"]), sources).map(markOf);
  expect(new Set(marks).size).toBe(marks.length);
  for (const mark of marks) {
    expect(mark).toStartWith("podwire: ");
    expect(mark.length).toBeLessThan(120);
  }
});
