import { expect, test } from "bun:test";
import { displayWidth } from "../../base/display-width.ts";
import { render } from "../../net/plan/render.ts";
import { planRoutes } from "../plan/routes.ts";
import { labOf } from "../topology/lab.ts";
import type { LabView } from "../view/view.ts";
import { mermaidOf } from "./mermaid.ts";
import { svgOf } from "./svg.ts";
import { tableOfLab } from "./table.ts";
import { drawLab } from "./terminal.ts";
import { fit, wrap } from "./width.ts";

const view = (label: string, problem?: string): LabView => ({
  name: "seoul",
  label,
  phase: "running",
  family: "ipv4",
  underlay: "bridge",
  underlayNetns: "/run/netns/seoul-underlay",
  segments: [{ bridge: "br0", subnets: ["192.168.50.0/24"] }],
  clusterCidrs: ["10.244.0.0/16"],
  cniBinDir: "/opt/cni/bin",
  nodes: [1, 2].map((n) => ({
    name: `node${n}`,
    role: "worker",
    label,
    netns: `/run/netns/seoul-node${n}`,
    segment: 0,
    addresses: [`192.168.50.${n}/24`],
    subnets: [`10.244.${n - 1}.0/24`],
    bridge: { name: "cni0", addresses: [`10.244.${n - 1}.1/24`] },
    routes: [{ dst: `10.244.${2 - n}.0/24`, via: `192.168.50.${3 - n}` }],
    problems: [],
    pods: [
      {
        name: `pod-${n}`,
        netns: `/run/netns/seoul-pod-${n}`,
        ips: [`10.244.${n - 1}.2/24`],
        veth: `veth${n}`,
        problems: problem ? [problem] : [],
      },
    ],
  })),
  problems: problem ? [`pod-1: ${problem}`, `pod-2: ${problem}`] : [],
});

/** Places, in columns, where a line has one of these characters. */
const columnsOf = (line: string, chars: string): number[] =>
  [...line].flatMap((c, i) => (chars.includes(c) ? [displayWidth([...line].slice(0, i).join(""))] : []));

test("the walls of a room stand in line, in Korean as in English, at any width", () => {
  for (const label of ["worker of the lab", "워커 노드, 서울", "아주 긴 이름을 가진 워커 노드 ".repeat(3).trim()])
    for (const columns of [60, 100, 200]) {
      const lines = drawLab(view(label), { columns, color: false }).split("\n");
      const tops = lines.filter((l) => l.startsWith("┌"));
      expect(tops.length).toBeGreaterThan(0);
      const right = columnsOf(tops[0]!, "┐").at(-1);
      for (const line of lines.filter((l) => /^[┌│└]/.test(l))) expect(columnsOf(line, "┐│┘").at(-1)).toBe(right);
      expect(Math.max(...lines.slice(1).map(displayWidth))).toBeLessThanOrEqual(columns);
    }
});

test("a network that is drawn again under a second row is said to be the same one", () => {
  const drawn = drawLab(view("서울"), { columns: 40, color: false });
  expect(drawn.split("\n").filter((line) => line.includes("bridge br0"))).toEqual([
    "  bridge br0 192.168.50.0/24",
    "  bridge br0 192.168.50.0/24 (the same)",
  ]);
});

test("a problem is drawn where it is, with a mark besides its colour", () => {
  const drawn = drawLab(view("서울", "eth0 is down"), { columns: 100, color: false });
  expect(drawn).toContain("└─ pod-1  10.244.0.2  ✗ eth0 is down");
  expect(drawn).not.toContain("\u001b");
  expect(drawLab(view("서울", "eth0 is down"), { columns: 100, color: true })).toContain("\u001b[31m");
});

test("the table's columns stand in line", () => {
  const lines = tableOfLab(view("서울")).split("\n");
  const at = lines[0]!.indexOf("ADDRESS");
  expect(lines[1]!.slice(at)).toStartWith("192.168.50.1/24");
  expect(lines[2]!.slice(at)).toStartWith("192.168.50.2/24");
});

test("text is cut and broken by the columns it takes", () => {
  expect(fit("서울 클러스터", 13)).toBe("서울 클러스터");
  expect(fit("서울 클러스터", 8)).toBe("서울 클…");
  expect(wrap("its network namespace is gone", 12, 2)).toEqual(["its network", "namespace i…"]);
});

test("a label cannot break out of the SVG or the Mermaid text", () => {
  const evil = `<script>"&]'`;
  const svg = svgOf(view(evil));
  expect(svg).not.toContain("<script>");
  expect(svg).toContain("&#60;script&#62;&#34;&#38;]&#39;");
  const mermaid = mermaidOf(view(evil));
  expect(mermaid).not.toContain("<script>");
  for (const line of mermaid.split("\n")) expect(line.split('"').length % 2).toBe(1);
});

test("behind a router, nodes of the other subnet are reached through it, and it knows every pod subnet", () => {
  const lab = labOf({ name: "far", nodes: 2, underlay: "router" });
  expect(planRoutes(lab).map(render)).toEqual([
    "ip -n far-underlay route add 10.244.0.0/24 via 192.168.50.1 proto 112",
    "ip -n far-underlay route add 10.244.1.0/24 via 192.168.51.2 proto 112",
    "ip -n far-node1 route add 192.168.51.0/24 via 192.168.50.254 proto 112",
    "ip -n far-node1 route add 10.244.1.0/24 via 192.168.50.254 proto 112",
    "ip -n far-node2 route add 192.168.50.0/24 via 192.168.51.254 proto 112",
    "ip -n far-node2 route add 10.244.0.0/24 via 192.168.51.254 proto 112",
  ]);
});
