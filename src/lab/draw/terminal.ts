/** A lab drawn for a terminal: nodes as rooms beside each other, their pods inside, the underlay beneath. */

import { displayWidth, padDisplay } from "../../base/display-width.ts";
import type { LabView, NodeView } from "../view/view.ts";
import { fit } from "./width.ts";

export interface DrawOptions {
  readonly columns: number;
  readonly color: boolean;
}

interface Paint {
  readonly strong: (text: string) => string;
  readonly faint: (text: string) => string;
  readonly bad: (text: string) => string;
}

const paintOf = (color: boolean): Paint => {
  const sgr =
    (code: number) =>
    (text: string): string =>
      color ? `\u001b[${code}m${text}\u001b[0m` : text;
  return { strong: sgr(1), faint: sgr(2), bad: sgr(31) };
};

/** A line of a room: its text and how it is painted once it has its width. */
interface Line {
  readonly text: string;
  readonly paint?: (text: string) => string;
}

const podLines = (node: NodeView, paint: Paint): Line[] => {
  const width = (of: (p: NodeView["pods"][number]) => string): number =>
    Math.max(0, ...node.pods.map((p) => displayWidth(of(p))));
  const ipsOf = (p: NodeView["pods"][number]): string => p.ips.map((ip) => ip.replace(/\/\d+$/, "")).join(" ");
  const names = width((p) => p.name);
  const ips = width(ipsOf);
  return node.pods.map((p, i) => {
    const branch = i === node.pods.length - 1 ? "└─" : "├─";
    const bad = p.problems.length > 0;
    const tail = bad ? `✗ ${p.problems[0]}` : (p.veth ?? "");
    const text = `${branch} ${padDisplay(p.name, names)}  ${padDisplay(ipsOf(p), ips)}  ${tail}`;
    return bad ? { text, paint: paint.bad } : { text };
  });
};

const roomLines = (node: NodeView, paint: Paint): Line[] => [
  { text: node.addresses.length > 0 ? `eth0 ${node.addresses.join(" ")}` : "eth0 -", paint: paint.faint },
  ...node.problems.map((p): Line => ({ text: `✗ ${p}`, paint: paint.bad })),
  ...(node.bridge
    ? [{ text: `${node.bridge.name} ${node.bridge.addresses.join(" ")}` }]
    : node.pods.length > 0
      ? []
      : [{ text: "no pods", paint: paint.faint }]),
  ...podLines(node, paint),
];

const titleOf = (n: NodeView): string => [n.name, n.role, n.label].filter(Boolean).join(" · ");

const room = (node: NodeView, lines: readonly Line[], inner: number, height: number, paint: Paint): string[] => {
  const title = fit(titleOf(node), inner - 2);
  const fill = "─".repeat(Math.max(0, inner - displayWidth(title)));
  const row = (l: Line | undefined): string => {
    const text = padDisplay(fit(l?.text ?? "", inner), inner);
    return `│ ${l?.paint ? l.paint(text) : text} │`;
  };
  const middle = Math.floor((inner + 2) / 2);
  return [
    `┌ ${paint.strong(title)} ${fill}┐`,
    ...Array.from({ length: height }, (_, i) => row(lines[i])),
    `└${"─".repeat(middle)}┬${"─".repeat(inner + 1 - middle)}┘`,
    `${" ".repeat(middle + 1)}│${" ".repeat(inner + 2 - middle)}`,
  ];
};

/** The line under a row of rooms: a piece of the underlay, joined where each room stands. */
const bus = (rooms: number, inner: number): string => {
  const middle = Math.floor((inner + 2) / 2) + 1;
  const one = `${"═".repeat(middle)}╧${"═".repeat(inner + 3 - middle)}`;
  return Array(rooms).fill(one).join("═");
};

const segmentRows = (view: LabView, segment: number, options: DrawOptions, paint: Paint): string[] => {
  const nodes = view.nodes.filter((n) => n.segment === segment);
  const all = nodes.map((n) => roomLines(n, paint));
  const widest = Math.max(
    ...nodes.map((n) => displayWidth(titleOf(n)) + 2),
    ...all.flatMap((lines) => lines.map((l) => displayWidth(l.text))),
  );
  const inner = Math.min(widest, Math.max(20, options.columns - 4));
  const perRow = Math.max(1, Math.floor((options.columns + 1) / (inner + 5)));
  const about = view.segments[segment];
  const label = [view.underlay === "router" ? "router" : "bridge", about?.bridge, ...(about?.subnets ?? [])].join(" ");
  const out: string[] = [];
  for (let at = 0; at < nodes.length; at += perRow) {
    const row = nodes.slice(at, at + perRow);
    const lines = all.slice(at, at + perRow);
    const height = Math.max(...lines.map((l) => l.length));
    const rooms = row.map((n, i) => room(n, lines[i]!, inner, height, paint));
    for (let y = 0; y < rooms[0]!.length; y++)
      out.push(
        rooms
          .map((r) => r[y])
          .join(" ")
          .trimEnd(),
      );
    // Said under every row: rows of one segment are on one and the same network.
    out.push(bus(row.length, inner), paint.faint(`  ${label}${at > 0 ? " (the same)" : ""}`));
  }
  return out;
};

export const drawLab = (view: LabView, options: DrawOptions): string => {
  const paint = paintOf(options.color);
  const title = [view.name, view.label, view.family, `pods ${view.clusterCidrs.join(" ")}`].filter(Boolean).join(" · ");
  const rows = view.segments.flatMap((_, i) =>
    view.nodes.some((n) => n.segment === i) ? segmentRows(view, i, options, paint) : [],
  );
  const state = view.problems.length === 0 ? [] : ["", ...view.problems.map((p) => paint.bad(`✗ ${p}`))];
  return `${[paint.strong(title), ...rows, ...state].join("\n")}\n`;
};
