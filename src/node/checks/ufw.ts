/** F4: ufw lets in what the role needs, and passes on what pods send. */
import { cidrText } from "../../base/cidr.ts";
import type { Asked } from "../asked.ts";
import type { Check, Finding, Fix } from "../check.ts";
import { ok } from "../finding.ts";
import type { Host } from "../host.ts";
import { type Door, doorNames, doorsOf } from "../reads/doors.ts";
import { isLoaded, nowAndLater, rulesetOrNone } from "../reads/now-and-later.ts";
import { podFlows } from "../reads/pod-traffic.ts";
import { readUfw, type Ufw, ufwLetsIn, ufwPasses } from "../reads/ufw.ts";

/** A tunnel is opened to the nodes alone: whoever reaches it is in the pod network. */
const ruleOf = ({ row: { ports, protocol }, to }: Door): string => {
  const text = ports[0] === ports[1] ? ports[0] : ports.join(":");
  return to === undefined ? `allow ${text}/${protocol}` : `allow from ${to} to any port ${text} proto ${protocol}`;
};

const all = (rules: readonly string[]): Fix => ({
  command: rules.map((rule) => `ufw ${rule}`).join(" && "),
  undo: rules
    .map((rule) => `ufw ${rule.startsWith("route ") ? `route delete ${rule.slice(6)}` : `delete ${rule}`}`)
    .join(" && "),
  survivesReboot: true,
});

const doorFindings = (host: Host, asked: Asked, ufw: Ufw): Finding[] => {
  const states = nowAndLater(rulesetOrNone(host), "ufw", doorsOf(host, asked), (door) =>
    door.packets.every((packet) => ufwLetsIn(ufw, packet)),
  );
  const closed = states.filter(({ later }) => !later);
  const pending = states.filter(({ later, now }) => later && now === false);
  const open = states.filter(({ later, now }) => later && now !== false);
  const findings: Finding[] = [];
  if (closed.length > 0)
    findings.push({
      outcome: "fail",
      subject: doorNames(closed),
      seen: `no rule allows it, and the default is ${ufw.input.toLowerCase()}`,
      want: "allowed",
      fix: all(closed.map(({ door }) => ruleOf(door))),
    });
  if (pending.length > 0)
    findings.push({
      outcome: "fail",
      subject: doorNames(pending),
      seen: "allowed in ufw's files, and dropped now",
      want: "allowed now, too",
      fix: { command: "ufw reload", survivesReboot: true },
    });
  if (open.length > 0) findings.push(ok("allowed", doorNames(open)));
  return findings;
};

const podFindings = (host: Host, asked: Asked, ufw: Ufw): Finding[] => {
  const packets = podFlows(host, asked).flatMap(({ flows }) => flows.map(({ packet }) => packet));
  const bad = packets.filter((packet) => !ufwPasses(ufw, packet));
  if (bad.length === 0) return [ok("passed on", "pods")];
  const ranges = asked.podCidrs.map(cidrText);
  return [
    {
      outcome: "fail",
      subject: "pods",
      seen: `what is passed on is dropped unless a rule allows it (DEFAULT_FORWARD_POLICY="${ufw.forward}")`,
      want: `allowed from and to ${ranges.join(", ")}`,
      fix: all(ranges.flatMap((r) => [`allow from ${r}`, `route allow from ${r}`, `route allow to ${r}`])),
    },
  ];
};

export const ufwCheck: Check = {
  id: "F4",
  name: "ufw",
  area: "firewall",
  severity: "fail",
  title: "ufw lets in what the role needs",
  why: "ufw drops what nobody allowed, also between pods: joining hangs, and pods reach their own node alone",
  run: (host, asked) => {
    const ufw = readUfw(host);
    if (!ufw || (!ufw.enabled && !isLoaded(rulesetOrNone(host), "ufw"))) return [];
    if (!ufw.enabled)
      return [
        {
          outcome: "warn",
          seen: "switched off in /etc/ufw/ufw.conf, and its rules are still in the kernel",
          want: "off in both, or on in both",
          fix: { command: "ufw disable", undo: "ufw enable", survivesReboot: true },
        },
      ];
    return [...doorFindings(host, asked, ufw), ...podFindings(host, asked, ufw)];
  },
};
