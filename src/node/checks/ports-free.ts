/** F1: nobody else sits on a port that the node's parts will want, on either family. */
import { parseIp } from "../../base/ip.ts";
import { tryBind } from "../../kernel/os/try-bind.ts";
import type { Check, Finding, Fix } from "../check.ts";
import { ok } from "../finding.ts";
import type { Host } from "../host.ts";
import { portText, rowsFor } from "../ports/rows-for.ts";
import { type Holder, type PortStatus, portStatus } from "../ports/taken.ts";
import { linkNamer } from "../show/link-namer.ts";
import { type ListenerRow, readListeners } from "../show/listeners.ts";
import { oneLine } from "../show/one-line.ts";
import { type ProcessRow, socketOwners } from "../show/processes.ts";
import { unitOf } from "../show/unit.ts";

/** With their processes: one look through /proc for all. */
const listeners = ({ ns }: Host): ListenerRow[] => {
  const rows = readListeners(ns, undefined, linkNamer(ns));
  const { of } = socketOwners(new Set(rows.map(({ inode }) => inode)));
  return rows.map((row) => ({ ...row, ...(of.has(row.inode) ? { processes: of.get(row.inode)! } : {}) }));
};

/** `udp/8472 VXLAN of Flannel`: without the advice that may stand behind a semicolon. */
const subjectOf = (row: PortStatus["row"]): string => `${portText(row)} ${row.what.replace(/;.*/, "")}`;

const mostOfCommand = 60;

const who = ({ local, process }: Holder): string => {
  if (!process) return `taken at ${local} by the kernel, or by a process that is not to be seen`;
  const command = oneLine(process.command);
  const shown = command.length > mostOfCommand ? `${command.slice(0, mostOfCommand - 1)}…` : command;
  return `taken at ${local} by ${process.comm}, process ${process.pid} of ${process.user}${shown ? `: ${shown}` : ""}`;
};

/** A service comes back when its process is killed. */
const stop = (host: Host, { pid }: ProcessRow): Fix => {
  const unit = unitOf(host.read(`/proc/${pid}/cgroup`) ?? "");
  return unit === undefined
    ? { command: `kill ${pid}`, survivesReboot: false }
    : { command: `systemctl disable --now ${unit}`, undo: `systemctl enable --now ${unit}`, survivesReboot: true };
};

/** A range is for services: each takes one port of it, and one that is taken hurts no other. */
const isRange = ({ row }: PortStatus): boolean => row.ports[1] - row.ports[0] > 1;

/** Where a part listens that only the node itself asks, and one that others ask. */
const wanted = {
  self: [parseIp("127.0.0.1"), parseIp("::1")],
  others: [parseIp("0.0.0.0"), parseIp("::")],
} as const;

/** Sockets that are bound and do not listen are in no list. */
const cannotBind = (host: Host, status: PortStatus): Finding[] => {
  const { row, state } = status;
  if (row.protocol === "ip" || state !== "free" || isRange(status)) return [];
  const { protocol } = row;
  const taken = wanted[row.from.every((source) => source === "self") ? "self" : "others"].filter((ip) =>
    row.ports.some((port) => host.ns.enter(() => tryBind(protocol, ip, port)) === "EADDRINUSE"),
  );
  return taken.map((ip) => ({
    outcome: "fail",
    subject: subjectOf(row),
    seen: `cannot be bound at ${ip}: a socket has it that does not listen`,
    want: "free",
  }));
};

const look = (host: Host, status: PortStatus): Finding[] => {
  const { row, state, holders } = status;
  const subject = subjectOf(row);
  if (state === "unseen")
    return [{ outcome: "unknown", subject, seen: "taken by a process that cannot be looked into", want: "root" }];
  if (state === "owner") return [ok(`held by ${holders[0]?.process?.comm ?? "the kernel"}`, subject)];
  if (state !== "stranger") {
    const stuck = cannotBind(host, status);
    return stuck.length > 0 ? stuck : [ok("free", subject)];
  }
  return holders
    .filter(({ stranger }) => stranger)
    .map((holder) => ({
      outcome: isRange(status) ? "warn" : "fail",
      subject,
      seen: who(holder),
      want: row.owners.length > 0 ? `free, or held by ${row.owners.join(" or ")}` : "free",
      ...(holder.process ? { fix: stop(host, holder.process) } : {}),
    }));
};

export const portsFreeCheck: Check = {
  id: "F1",
  name: "ports-free",
  area: "ports",
  severity: "fail",
  title: "the ports of its role are free",
  why: "the part that wants the port does not start",
  run: (host, { roles, networks }) => {
    const there = listeners(host);
    return rowsFor(roles, networks)
      .filter(({ protocol }) => protocol !== "ip")
      .flatMap((row) => look(host, portStatus(row, there)));
  },
};
