/** F2: every port of the table is reached by those who need it. */
import type { Finding } from "../../check.ts";
import type { Found } from "../run/found.ts";
import { findingOf, groupsOf } from "./group.ts";
import type { PeerCheck } from "./peer-check.ts";
import { verdictOf } from "./verdict.ts";

const familyList = (found: Found, i: number): string => {
  const families = found.nodes[i]!.facts.addresses.map((ip) => (ip.includes(":") ? "IPv6" : "IPv4"));
  return families.length > 0 ? `only ${families.join(" and ")}` : "no address";
};

/** Each pair once. */
const apartFindings = (found: Found): Finding[] =>
  found.apart
    .filter(([from, to]) => from < to)
    .map(([a, b]) => ({
      outcome: "fail",
      subject: `${found.nodes[a]!.label} <-> ${found.nodes[b]!.label}`,
      seen: `no family in common: ${found.nodes[a]!.label} has ${familyList(found, a)}, ${found.nodes[b]!.label} ${familyList(found, b)}`,
      want: "an address of the same family on both",
    }));

export const portsReachedCheck: PeerCheck = {
  id: "F2",
  name: "ports-reached",
  area: "firewall",
  severity: "fail",
  title: "every port is reached by the nodes that need it",
  why: "nodes do not join, or join and have no pod network: what is dropped on the way tells nobody",
  run: (found) => {
    const bad = [...apartFindings(found), ...groupsOf(found, ["tcp", "udp"]).map((group) => findingOf(group, found))];
    const labels = found.nodes.map((n) => n.label);
    const ours = found.tried.filter((t) => t.row && t.protocol !== "ip");
    const reached = ours.filter((t) => verdictOf(t, labels).is === "reached").length;
    if (ours.length === 0) return bad;
    const count: Finding = { outcome: "ok", seen: `${reached} of ${ours.length} ways reached` };
    return [...bad, ...(bad.length === 0 ? [count] : [])];
  },
};
