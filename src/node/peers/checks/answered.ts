/** B2: every node came that was called, and stayed to the end. */
import type { Finding } from "../../check.ts";
import type { PeerCheck } from "./peer-check.ts";

export const answeredCheck: PeerCheck = {
  id: "B2",
  name: "answered",
  area: "identity",
  severity: "fail",
  title: "every node answered",
  why: "of a node that does not answer, nothing is known: neither that it is well nor that it is not",
  run: ({ nodes, lost, expected }) => {
    const bad: Finding[] = lost.map(({ who, why }) => ({
      outcome: "fail",
      subject: who,
      seen: why,
      want: "an answer",
    }));
    const others = nodes.length - 1;
    const missing =
      expected === undefined ? 0 : expected - others - lost.filter((l) => !nodes.some((n) => n.label === l.who)).length;
    if (missing > 0)
      bad.push({
        outcome: "fail",
        seen: `${others} of ${expected} other nodes came`,
        want: `${missing} more: the pasted line says on its own terminal why it does not get here`,
      });
    return bad.length > 0 ? bad : [{ outcome: "ok", seen: `${nodes.length} nodes` }];
  },
};
