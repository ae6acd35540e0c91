import { expect, test } from "bun:test";
import { faultOf } from "../../base/fault.ts";
import { parseTopology } from "./read.ts";

const faultIn = (text: string): unknown => {
  try {
    return parseTopology(text, "lab.yaml");
  } catch (error) {
    return faultOf(error);
  }
};
const at = (line: number, column: number, want: string, got: string): object => ({
  kind: "bad-syntax",
  file: "lab.yaml",
  line,
  column,
  want,
  got,
});

test("an empty file is a lab with every default", () => {
  expect(parseTopology("", "lab.yaml")).toEqual({});
  expect(parseTopology("# nothing yet\n", "lab.yaml")).toEqual({});
});

test("a file says everything about a lab", () => {
  const text = `
name: seoul
label: 서울 클러스터
family: dual
underlay: router
subnet: 10.0.0.0/16
mtu: 1400
nodes:
  - { role: control-plane, pods: 0 }
  - { label: 워커 노드 }
`;
  expect(parseTopology(text, "lab.yaml")).toEqual({
    name: "seoul",
    label: "서울 클러스터",
    family: "dual",
    underlay: "router",
    subnet: "10.0.0.0/16",
    mtu: 1400,
    nodes: [{ role: "control-plane", pods: 0 }, { label: "워커 노드" }],
  });
});

test("a wrong value is told at its own place", () => {
  expect(faultIn("name: lab\nfamily: ipv5\n")).toEqual(at(2, 9, "ipv4, ipv6 or dual", '"ipv5"'));
  expect(faultIn("nodes:\n  - pods: 2\n  - role: boss\n")).toEqual(at(3, 11, "control-plane or worker", '"boss"'));
  expect(faultIn("nodes: 0\n")).toEqual(at(1, 8, "nodes: a whole number from 1 to 200", "0"));
  expect(faultIn("pods: [1]\n")).toEqual(at(1, 7, "pods on a node: a whole number from 0 to 250", "a list"));
  expect(faultIn("subnet: 10.244.0.1/16\n")).toEqual(
    at(1, 9, "an IPv4 subnet of /24 or larger, such as 10.244.0.0/16", '"10.244.0.1/16"'),
  );
});

test("a key that we do not know is told at the key, with those that we know", () => {
  expect(faultIn("nodes: 2\nnode: 3\n")).toEqual(
    at(2, 1, "one of name, label, family, underlay, subnet, subnet6, mtu, cniBinDir, pods, nodes", '"node"'),
  );
  expect(faultIn("nodes:\n  - pod: 1\n")).toEqual(at(2, 5, "one of role, pods, label", '"pod"'));
});

test("text that is not YAML, and YAML that is no lab, are told as such", () => {
  expect(faultIn("nodes: [1, 2\n")).toMatchObject({ kind: "bad-syntax", line: 2, want: "YAML" });
  expect(faultIn("- a\n- b\n")).toEqual(at(1, 1, "a lab such as { nodes: 3, pods: 2 }", "a list"));
  expect(faultIn("a: 1\na: 2\n")).toMatchObject({ kind: "bad-syntax", line: 2, want: "YAML" });
  expect(faultIn("name: *a\n")).toMatchObject({ kind: "bad-syntax", line: 1, want: "YAML" });
});

test("a label cannot carry terminal control characters", () => {
  expect(faultIn('label: "a\\e[31mb"\n')).toMatchObject({
    line: 1,
    column: 8,
    want: "a text without control characters",
  });
});
