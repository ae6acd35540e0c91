/** L3 between nodes: the largest packet that arrives, beside what the links promise. */
import type { Finding } from "../../check.ts";
import type { Network } from "../../ports/row.ts";
import type { Found, PathOne } from "../run/found.ts";
import type { PeerCheck } from "./peer-check.ts";
import { gather, whoText } from "./who.ts";

/** Bytes that a tunnel puts around a pod's packet, by the family of the nodes' addresses. */
const overheads: Partial<Record<Network, { readonly name: string; readonly 4: number; readonly 6: number }>> = {
  vxlan: { name: "VXLAN", 4: 50, 6: 70 },
  "calico-vxlan": { name: "VXLAN", 4: 50, 6: 70 },
  geneve: { name: "Geneve", 4: 50, 6: 70 },
  calico: { name: "IP in IP", 4: 20, 6: 40 },
  wireguard: { name: "WireGuard", 4: 60, 6: 80 },
};

/** The most that any of the parts takes. */
const overheadOf = (networks: readonly Network[], f: 4 | 6): { name: string; bytes: number } | undefined =>
  networks
    .flatMap((n) => {
      const o = overheads[n];
      return o ? [{ name: o.name, bytes: o[f] }] : [];
    })
    .sort((a, b) => b.bytes - a.bytes)[0];

interface Measured extends PathOne {
  readonly link: number;
  readonly linkName: string;
  readonly largest: number;
  /** The link on which it arrives. */
  readonly there?: { readonly name: string; readonly mtu: number };
}

/** A veth takes a few bytes more than the other end's MTU: what that link promises counts, too. */
export const measured = (found: Found, path: PathOne): Measured | undefined => {
  const { link, linkName = "", largest } = path.found ?? {};
  if (link === undefined || largest === undefined) return undefined;
  const { addresses, links } = found.nodes[path.to]!.facts;
  const at = addresses.filter((ip) => ip.includes(":") === (path.family === 6));
  const there = links.find((l) => l.addresses.some((ip) => at.includes(ip)));
  const most = Math.min(largest, there?.mtu ?? largest);
  return { ...path, link, linkName, largest: most, ...(there ? { there: { name: there.name, mtu: there.mtu } } : {}) };
};

const podWords = (networks: readonly Network[], f: 4 | 6, path: number): string => {
  const overhead = overheadOf(networks, f);
  if (!overhead) return `pods that send no more than ${path}`;
  return `pods that send no more than ${path - overhead.bytes} (${overhead.name} takes ${overhead.bytes})`;
};

/** Ways to one node that are narrow in the same way. */
const narrow = (found: Found, group: readonly Measured[]): Finding => {
  const [{ to, link, linkName, largest, family, found: one, there }] = group as [Measured];
  const labels = found.nodes.map((n) => n.label);
  const said = one?.said;
  const by = said?.by === undefined ? "" : ` (${said.by})`;
  const told = said
    ? `a router says so${by}`
    : "larger ones vanish and nobody says so, so that TCP hangs on its first full packet";
  const froms = group.map((p) => p.from);
  const set = (name: string, mtu: number, on: readonly number[]): string =>
    `ip link set dev ${name} mtu ${mtu}   # on ${on.map((i) => labels[i]).join(", ")}`;
  const theirs = there && there.mtu <= largest ? there : undefined;
  return {
    outcome: said ? "warn" : "fail",
    subject: `${whoText(labels, froms, to)} -> ${labels[to]}`,
    seen: `${largest} bytes arrive, ${linkName} promises ${link}: ${told}`,
    want: `${link} bytes all the way; or links of ${largest}, and ${podWords(found.networks, family, largest)}`,
    // Where the other end's link is the narrow one, that is to be widened; a way that is narrow makes both ends follow.
    fix: theirs
      ? { command: set(theirs.name, link, [to]), undo: set(theirs.name, theirs.mtu, [to]), survivesReboot: false }
      : { command: set(linkName, largest, froms), undo: set(linkName, link, froms), survivesReboot: false },
  };
};

export const pathMtuCheck: PeerCheck = {
  id: "L3",
  name: "path-mtu",
  area: "links",
  severity: "fail",
  title: "packets as large as the links promise arrive",
  why: "small pings pass, but TLS handshakes and downloads hang",
  run: (found) => {
    const all = found.paths.flatMap((path) => measured(found, path) ?? []);
    const groups = gather(
      all.filter((m) => m.largest < m.link),
      (p) => `${p.to} ${p.family} ${p.link} ${p.linkName} ${p.largest} ${p.found?.said?.by ?? "nobody"}`,
    );
    const bad = groups.map((group) => narrow(found, group));
    const silent = found.paths.filter((p) => !p.found && !found.lost.length);
    const untold = silent.map(
      ({ from, to }): Finding => ({
        outcome: "unknown",
        subject: `${found.nodes[from]!.label} -> ${found.nodes[to]!.label}`,
        seen: "no UDP port was reached, and the sizes are tried by UDP",
      }),
    );
    const least = Math.min(...all.map((m) => m.largest));
    const fine: Finding = {
      outcome: "ok",
      seen: `${least} bytes on every path; ${podWords(found.networks, all[0]?.family ?? 4, least)}`,
    };
    return [...bad, ...untold, ...(bad.length === 0 && all.length > 0 ? [fine] : [])];
  },
};
