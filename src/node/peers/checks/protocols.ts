/** F9: IP protocols other than TCP and UDP get through; clouds and their security groups often let them not. */

import { findingOf, groupsOf } from "./group.ts";
import type { PeerCheck } from "./peer-check.ts";

export const protocolsCheck: PeerCheck = {
  id: "F9",
  name: "protocols",
  area: "firewall",
  severity: "fail",
  title: "the tunnel's IP protocol gets from node to node",
  why: "pods on different nodes do not reach each other, although every port does: many clouds drop IP in IP without a word",
  run: (found) => {
    const ours = found.tried.filter((t) => t.protocol === "ip" && t.row);
    if (ours.length === 0) return [];
    const bad = groupsOf(found, ["ip"]).map((group) => findingOf(group, found));
    return bad.length > 0 ? bad : [{ outcome: "ok", seen: `${ours.length} ways reached` }];
  },
};
