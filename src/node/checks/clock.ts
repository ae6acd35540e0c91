/** T1: a program keeps the clock right. How far nodes' clocks are apart is asked between them. */
import { type ClockDiscipline, readClockDiscipline } from "../../kernel/os/clock-discipline.ts";
import type { Check, Finding, Fix } from "../check.ts";
import { ok } from "../finding.ts";
import type { Host } from "../host.ts";
import { installLine } from "../reads/distro.ts";
import { hasUnit } from "../reads/units.ts";

/** /proc/PID/comm, and the units that start it: names differ by distribution. */
const clients = [
  { name: "chronyd", units: ["chrony.service", "chronyd.service"] },
  { name: "systemd-timesyn", units: ["systemd-timesyncd.service"] },
  { name: "ntpd", units: ["ntp.service", "ntpd.service", "ntpsec.service"] },
  { name: "phc2sys", units: ["phc2sys.service"] },
] as const;

const start = (host: Host): Fix | undefined => {
  const unit = clients.flatMap((c) => c.units).find((u) => hasUnit(host, u));
  if (unit)
    return {
      command: `systemctl enable --now ${unit}`,
      undo: `systemctl disable --now ${unit}`,
      survivesReboot: true,
    };
  const line = installLine(host, "chrony");
  return line === undefined ? undefined : { command: line, survivesReboot: true };
};

/** What is to be said of a clock that the kernel tells of so. */
export const clockFinding = (host: Host, { synchronised, maxErrorUs }: ClockDiscipline): Finding => {
  const client = clients.find(({ name }) => host.processes.some((p) => p.name === name));
  const by = client === undefined ? "" : ` by ${client.name}`;
  const error = `at most ${Math.ceil(maxErrorUs / 1000)} ms off`;
  if (synchronised) return ok(`kept${by}, ${error}`);
  const want = "a program that asks time servers, and is answered";
  if (client) {
    const unit = client.units.find((u) => hasUnit(host, u)) ?? client.units[0];
    const fix = { command: `systemctl restart ${unit}`, survivesReboot: true };
    return { outcome: "warn", seen: `${client.name} runs, and the kernel's clock is not in step yet`, want, fix };
  }
  const fix = start(host);
  return { outcome: "warn", seen: "not kept by any program", want, ...(fix ? { fix } : {}) };
};

export const clockCheck: Check = {
  id: "T1",
  name: "clock",
  area: "time",
  severity: "warn",
  title: "the clock is kept by a time server",
  why: "clocks drift apart: 'certificate is not yet valid', tokens are refused, and logs of two nodes do not fit together",
  // Nodes of a lab have the machine's clock.
  run: (host) => (host.kind === "lab-node" ? [] : [clockFinding(host, readClockDiscipline())]),
};
