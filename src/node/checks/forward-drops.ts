/** F6: what pods send to pods of other nodes is passed on. */
import type { Check, Finding } from "../check.ts";
import { ok } from "../finding.ts";
import { simulate } from "../firewall/simulate/simulate.ts";
import { deciderText, isManaged, openingFix } from "../reads/doors.ts";
import { podFlows } from "../reads/pod-traffic.ts";

export const forwardDropsCheck: Check = {
  id: "F6",
  name: "forward-drops",
  area: "firewall",
  severity: "warn",
  title: "no rule or policy drops what pods send to each other",
  why: "pods reach pods of their own node and none beyond: Docker and ufw set the policy of FORWARD to DROP",
  run: (host, asked) =>
    podFlows(host, asked).flatMap((of) => {
      const ruleset = of.ruleset();
      return of.flows.flatMap(({ subject, packet }): Finding | [] => {
        const { fate, by, doubts } = simulate(ruleset, packet);
        const which = `${packet.src} to ${packet.dst}`;
        if (fate === "accepted") return ok(`${which} passes`, subject);
        if (isManaged(ruleset, by)) return [];
        if (fate === "unclear") {
          const doubt = doubts[0];
          const seen = `${which} depends on ${doubt?.what ?? "what cannot be known"}${doubt ? ` in ${deciderText(ruleset, doubt.at)}` : ""}`;
          return { outcome: "unknown", subject, seen, want: "traffic that shows it: podwire verify" };
        }
        const seen = `${which} is ${fate} by ${by ? deciderText(ruleset, by) : "the kernel"}`;
        return { outcome: "warn", subject, seen, want: "passed on", fix: openingFix(asked, false) };
      });
    }),
};
