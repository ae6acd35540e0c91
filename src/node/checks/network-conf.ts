/** L7: which network config a runtime takes. */
import { quote } from "../../net/plan/quote.ts";
import type { Check, Finding } from "../check.ts";
import { ok } from "../finding.ts";
import { confDir, networkConfs } from "../reads/network-confs.ts";

export const networkConfCheck: Check = {
  id: "L7",
  name: "network-conf",
  area: "links",
  severity: "fail",
  title: "there is one network config, and it can be used",
  why: "the runtime takes the first by name: pods are put on a network that nobody meant, or the node stays NotReady",
  run: (host): readonly Finding[] => {
    const all = networkConfs(host);
    const [first, ...more] = all;
    if (!first) return []; // the network plugin brings it
    const aside = (...paths: string[]) => ({
      command: paths.map((path) => `mv ${quote(path)} ${quote(`${path}.off`)}`).join(" && "),
      undo: paths.map((path) => `mv ${quote(`${path}.off`)} ${quote(path)}`).join(" && "),
      survivesReboot: true,
    });
    if (first.problem !== undefined)
      return [
        {
          outcome: "fail",
          subject: first.path,
          seen: `comes first, and ${first.problem}`,
          want: "a network config",
          fix: aside(first.path),
        },
      ];
    if (more.length === 0) return [ok(`${first.path}: network ${first.name}`)];
    const others = more.map(({ path }) => path.slice(confDir.length + 1)).join(", ");
    return [
      {
        outcome: "fail",
        subject: confDir,
        seen: `${all.length} configs: ${first.path.slice(confDir.length + 1)} (network ${first.name}) comes first, then ${others}`,
        want: `one; if ${first.path.slice(confDir.length + 1)} is not the one that is meant, put that aside instead`,
        // Those that no runtime takes now: pods that run stay on their network.
        fix: aside(...more.map(({ path }) => path)),
      },
    ];
  },
};
