/** A lab as an SVG picture: nodes as rooms, pods on their bridge, the underlay beneath. Readable on light and dark pages. */

import { displayWidth } from "../../base/display-width.ts";
import type { LabView, NodeView } from "../view/view.ts";
import { fit, wrap } from "./width.ts";

const escapeXml = (text: string): string => text.replace(/[&<>"']/g, (c) => `&#${c.codePointAt(0)};`);

/** Colours follow the reader's scheme, and the page's own background shows through. */
const style = `
  .lab { font: 13px ui-monospace, "Noto Sans Mono", "Noto Sans Mono CJK KR", "D2Coding", Menlo, Consolas, monospace;
    --ink: #1b2733; --soft: #5b6b7b; --room: #f4f7fa; --edge: #b9c6d2; --pod: #ffffff; --net: #2f6fb5; --bridge: #1c7f63; --bad: #b3261e; }
  @media (prefers-color-scheme: dark) {
    .lab { --ink: #e6edf3; --soft: #9fb0c0; --room: #18212b; --edge: #41515f; --pod: #22303d; --net: #78b0ee; --bridge: #5cc9a7; --bad: #ff8a80; } }
  text { fill: var(--ink); } .soft { fill: var(--soft); } .title { font-weight: 600; } .big { font-size: 18px; font-weight: 600; }
  .room { fill: var(--room); stroke: var(--edge); } .pod { fill: var(--pod); stroke: var(--edge); }
  .wire { stroke: var(--edge); fill: none; stroke-width: 1.5; } .bridge { fill: var(--bridge); } .net { stroke: var(--net); stroke-width: 3; fill: none; }
  .on { fill: #fff; } .nettext { fill: var(--net); } .bad { fill: var(--bad); } .badbox { stroke: var(--bad); stroke-width: 2; }
  @media (prefers-color-scheme: dark) { .on { fill: #10231c; } }`;

/** Columns of text to pixels, for a monospace face of 13 px. */
const column = 7.9;
const gap = 28;
const podHeight = 40;
const podGap = 12;
const line = 18;
const margin = 24;

interface Size {
  readonly pod: number;
  readonly room: number;
  readonly perLine: number;
}

const bare = (cidr: string): string => cidr.replace(/\/\d+$/, "");
const titleOf = (n: NodeView): string => [n.name, n.role, n.label].filter(Boolean).join(" · ");

const sizesOf = (view: LabView): Size => {
  const pods = view.nodes.flatMap((n) => n.pods);
  const widest = Math.max(8, ...pods.flatMap((p) => [p.name, p.veth ?? "", ...p.ips.map(bare)].map(displayWidth)));
  const pod = Math.ceil(widest * column) + 20;
  const most = Math.max(1, ...view.nodes.map((n) => n.pods.length));
  const perLine = Math.min(most, most > 8 ? 4 : 3);
  const words = view.nodes.flatMap((n) => [
    titleOf(n),
    ...n.problems.map((p) => `✗ ${p}`),
    `${n.bridge?.name ?? ""} ${n.bridge?.addresses.join(" ") ?? ""}`,
    ...n.addresses.map((a) => `eth0 ${a}`),
    ...n.routes.map((r) => `${r.dst} via ${r.via}`),
  ]);
  const inner = Math.max(
    perLine * (pod + podGap) - podGap,
    Math.min(420, Math.max(...words.map(displayWidth)) * column + 12),
  );
  return { pod, room: Math.ceil(inner) + 32, perLine };
};

const label = (x: number, y: number, text: string, cls = "", extra = ""): string =>
  `<text x="${x}" y="${y}"${cls ? ` class="${cls}"` : ""}${extra}>${escapeXml(text)}</text>`;

/** A pod's address lines decide its height, the same for all of a lab. */
const podBox = (view: LabView): number =>
  podHeight + line * (Math.max(1, ...view.nodes.flatMap((n) => n.pods.map((p) => p.ips.length))) - 1) + line;

const maxRoutes = 6;

/** Heights of the parts of a room: the same for all, so that bridges stand in line. */
const partsOf = (view: LabView, size: Size) => {
  const most = Math.max(...view.nodes.map((n) => n.pods.length));
  const rows = Math.ceil(most / size.perLine);
  const problems = Math.max(...view.nodes.map((n) => n.problems.length));
  const pods = rows * (podBox(view) + podGap + 8);
  const routes = Math.max(...view.nodes.map((n) => Math.min(n.routes.length, maxRoutes + 1)));
  const addresses = Math.max(1, ...view.nodes.map((n) => n.addresses.length));
  const head = 34 + problems * line;
  const bridge = head + pods;
  const foot = bridge + 30 + 14 + routes * line;
  return { head, bridge, foot, height: foot + 14 + addresses * line + 6 };
};

const drawPod = (view: LabView, size: Size, node: NodeView, i: number, top: number, bridge: number): string => {
  const p = node.pods[i]!;
  const x = 16 + (i % size.perLine) * (size.pod + podGap);
  const y = top + Math.floor(i / size.perLine) * (podBox(view) + podGap + 8);
  const bad = p.problems.length > 0;
  const height = podBox(view);
  // The wire of a pod with another one below runs in the gap beside that.
  const below = i + size.perLine < node.pods.length;
  const path = below
    ? `M${x + size.pod - 16} ${y + height} v4 H${x + size.pod + 6} V${bridge}`
    : `M${x + size.pod / 2} ${y + height} V${bridge}`;
  const wire = bad || !p.veth ? "" : `<path class="wire" d="${path}"/>`;
  return [
    wire,
    `<rect class="pod${bad ? " badbox" : ""}" x="${x}" y="${y}" width="${size.pod}" height="${height}" rx="6"/>`,
    label(x + 10, y + 18, p.name, "title"),
    ...(bad
      ? wrap(`✗ ${p.problems[0]}`, Math.floor((size.pod - 16) / column), 2).map((text, k) =>
          label(x + 10, y + 36 + k * line, text, "bad"),
        )
      : [
          ...p.ips.map((ip, k) => label(x + 10, y + 36 + k * line, bare(ip))),
          label(x + 10, y + height - 7, p.veth ?? "", "soft"),
        ]),
    `<title>${escapeXml([p.name, ...p.ips, ...p.problems].join(" "))}</title>`,
  ].join("");
};

const drawRoom = (view: LabView, size: Size, node: NodeView, x: number, y: number): string => {
  const part = partsOf(view, size);
  const columns = Math.floor((size.room - 32) / column);
  const bridge = node.bridge
    ? `<rect class="bridge" x="16" y="${part.bridge}" width="${size.room - 24}" height="26" rx="4"/>` +
      label(
        26,
        part.bridge + 17.5,
        fit(`${node.bridge.name} ${node.bridge.addresses.join(" ")}`, columns - 2),
        "on title",
      )
    : "";
  const more = node.routes.length - maxRoutes;
  const routes = node.routes.slice(0, maxRoutes).map((r) => `${r.dst} via ${r.via}`);
  if (more > 0) routes.push(`and ${more} more ${more === 1 ? "route" : "routes"}`);
  const bad = node.problems.length > 0;
  return [
    `<g transform="translate(${x} ${y})">`,
    `<rect class="room${bad ? " badbox" : ""}" width="${size.room}" height="${part.height}" rx="10"/>`,
    label(16, 24, fit(titleOf(node), columns), "title"),
    ...node.problems.map((p, i) => label(16, 24 + line * (i + 1), fit(`✗ ${p}`, columns), "bad")),
    ...node.pods.map((_, i) => `<g>${drawPod(view, size, node, i, part.head, part.bridge)}</g>`),
    bridge,
    ...routes.map((r, i) => label(16, part.bridge + 30 + 14 + i * line, fit(r, columns), "soft")),
    ...node.addresses.map((a, i) => label(16, part.foot + 14 + i * line, `eth0 ${a}`, "nettext")),
    "</g>",
  ].join("\n");
};

const roomsPerRow = (count: number): number => (count <= 4 ? count : Math.ceil(Math.sqrt(count * 1.5)));

export const svgOf = (view: LabView): string => {
  const size = sizesOf(view);
  const part = partsOf(view, size);
  const out: string[] = [];
  let y = margin + 44;
  let width = 0;
  const bars: number[] = [];
  for (const [i, segment] of view.segments.entries()) {
    const nodes = view.nodes.filter((n) => n.segment === i);
    const per = roomsPerRow(nodes.length);
    for (let at = 0; at < nodes.length; at += per) {
      const row = nodes.slice(at, at + per);
      const bar = y + part.height + 26;
      for (const [k, n] of row.entries()) {
        const x = margin + k * (size.room + gap);
        out.push(
          `<path class="net" d="M${x + size.room / 2} ${y + part.height} V${bar}"/>`,
          drawRoom(view, size, n, x, y),
        );
      }
      const right = margin + row.length * (size.room + gap) - gap;
      width = Math.max(width, right);
      out.push(`<path class="net" d="M${margin - 8} ${bar} H${right}"/>`);
      bars.push(bar);
      y = bar + 30;
    }
    const kind = view.underlay === "router" ? `router, ${segment.bridge}` : `underlay ${segment.bridge}`;
    if (nodes.length > 0) out.push(label(margin, y - 8, `${kind} ${segment.subnets.join(" ")}`, "nettext"));
    y += 22;
  }
  // One underlay, whatever the number of rows.
  if (bars.length > 1) out.push(`<path class="net" d="M${margin - 8} ${bars[0]} V${bars.at(-1)}"/>`);
  const title = [view.name, view.label].filter(Boolean).join(" · ");
  const about = `${view.family} · pods ${view.clusterCidrs.join(" ")}`;
  const needed = Math.max(displayWidth(title) * 11, displayWidth(about) * column) + margin;
  const w = Math.ceil(Math.max(width, needed) + margin);
  const h = Math.ceil(y);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="lab" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}" role="img" aria-label="${escapeXml(title)}">`,
    `<style>${style}</style>`,
    label(margin, margin + 10, title, "big"),
    label(margin, margin + 32, about, "soft"),
    ...out,
    "</svg>\n",
  ].join("\n");
};
