/** M4: ports that the kernel lends to outgoing connections are not those of services. */
import type { Check, Finding } from "../check.ts";
import { ok, sysctlFix } from "../finding.ts";
import { rowsFor } from "../ports/rows-for.ts";

type Range = readonly [number, number];

const name = "net.ipv4.ip_local_port_range";
const reservedName = "net.ipv4.ip_local_reserved_ports";

/** `8080,30000-32767`. */
const ranges = (text: string): Range[] =>
  text
    .split(",")
    .filter((part) => part.trim() !== "")
    .map((part) => {
      const [first, last] = part.split("-").map(Number);
      return [first!, last ?? first!];
    });

/** What of a range is lent and not held back. */
const lentOf = ([first, last]: Range, [low, high]: Range, reserved: readonly Range[]): number => {
  let count = 0;
  for (let port = Math.max(first, low); port <= Math.min(last, high); port++)
    if (!reserved.some(([a, b]) => port >= a && port <= b)) count++;
  return count;
};

export const portRangeCheck: Check = {
  id: "M4",
  name: "port-range",
  area: "limits",
  severity: "warn",
  title: "outgoing connections do not take the ports of services",
  why: "now and then a program cannot bind its port, or a NodePort is answered by somebody's connection: it passes when tried again",
  run: (host, { roles, networks }) => {
    const text = host.sysctl(name);
    if (text === undefined) return [];
    const [low = 0, high = 0] = text.split(/\s+/).map(Number);
    const reservedText = host.sysctl(reservedName) ?? "";
    const reserved = ranges(reservedText);
    const rows = rowsFor(roles, networks).filter(({ ports: [first, last] }) => last > first);
    const wide = [...new Map(rows.map((row) => [row.ports.join("-"), row.ports])).values()];
    const bad = wide.filter((ports) => lentOf(ports, [low, high], reserved) > 0).map((ports) => ports.join("-"));
    // One setting has them all: a line for each would take back the one before.
    const value = [...(reservedText ? [reservedText] : []), ...bad].join(",");
    return wide.map((ports): Finding => {
      const lent = lentOf(ports, [low, high], reserved);
      const subject = ports.join("-");
      if (lent === 0)
        return ok(
          `not lent: outgoing connections take ${low}-${high}${reserved.length > 0 ? ` but ${reservedText}` : ""}`,
          subject,
        );
      return {
        outcome: "warn",
        subject,
        seen: `outgoing connections take ${low}-${high}: ${lent} ports are in both`,
        want: "none in both",
        fix: sysctlFix(host, reservedName, value, reservedText),
      };
    });
  },
};
