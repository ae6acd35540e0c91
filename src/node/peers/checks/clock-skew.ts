/** T2: the nodes' clocks agree. */
import type { Finding } from "../../check.ts";
import type { Found } from "../run/found.ts";
import type { PeerCheck } from "./peer-check.ts";

/** Milliseconds: logs and traces are in a confusing order; tokens and certificates are refused. */
const [warnFrom, failFrom] = [1000, 5 * 60_000];

interface Reading {
  readonly label: string;
  readonly offset: number;
}

/** The clock that most others agree with; of several such the first, which is the one who coordinates. */
const reference = (readings: readonly Reading[]): Reading | undefined => {
  const friends = (one: Reading): number =>
    readings.filter((other) => Math.abs(other.offset - one.offset) <= warnFrom).length;
  return readings.reduce<Reading | undefined>(
    (best, one) => (best && friends(best) >= friends(one) ? best : one),
    undefined,
  );
};

/** `1 h 0 min`, `7 min 3 s`, `1.5 s`, `12 ms`. */
export const spanText = (ms: number): string => {
  const whole = Math.round(ms);
  if (whole < 1000) return `${whole} ms`;
  if (whole < 60_000) return `${(whole / 1000).toFixed(1)} s`;
  const minutes = Math.floor(whole / 60_000);
  if (minutes < 60) return `${minutes} min ${Math.floor((whole % 60_000) / 1000)} s`;
  return minutes < 48 * 60
    ? `${Math.floor(minutes / 60)} h ${minutes % 60} min`
    : `${Math.floor(minutes / 1440)} days ${Math.floor((minutes % 1440) / 60)} h`;
};

const readingsOf = ({ nodes }: Found): Reading[] =>
  nodes.flatMap(({ label, clock }) => (clock ? [{ label, offset: clock.offset }] : []));

export const clockSkewCheck: PeerCheck = {
  id: "T2",
  name: "clock-skew",
  area: "time",
  severity: "fail",
  title: "the clocks of the nodes agree",
  why: "certificates are not yet valid or already expired, tokens are refused, logs are in the wrong order",
  run: (found) => {
    const readings = readingsOf(found);
    const right = reference(readings);
    if (!right || readings.length < 2) return [];
    const off = readings.map((one) => ({ ...one, by: one.offset - right.offset }));
    const bad = off.filter(({ by }) => Math.abs(by) > warnFrom);
    if (bad.length === 0) {
      const most = Math.max(...off.map(({ by }) => Math.abs(by)));
      return [{ outcome: "ok", seen: `at most ${spanText(most)} apart` }];
    }
    return bad.map(
      ({ label, by }): Finding => ({
        outcome: Math.abs(by) > failFrom ? "fail" : "warn",
        subject: label,
        seen: `${spanText(Math.abs(by))} ${by > 0 ? "ahead of" : "behind"} ${right.label}`,
        want: "less than 1 s apart",
        fix: {
          command: `timedatectl set-ntp true   # on ${label}`,
          undo: `timedatectl set-ntp false   # on ${label}`,
          survivesReboot: true,
        },
      }),
    );
  },
};
