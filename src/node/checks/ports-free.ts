/** F1: nobody else sits on a port that the node's parts will want. */
import { isLoopback } from "../../base/ip.ts";
import { findSocketOwner } from "../../kernel/os/socket-owner.ts";
import type { Check, Finding } from "../check.ts";
import type { Host } from "../host.ts";
import type { PortRow } from "../ports/row.ts";
import { portText, rowsFor } from "../ports/rows-for.ts";

/** A range is for services: each takes one port of it, and one that is taken hurts no other. */
const isRange = ({ ports: [first, last] }: PortRow): boolean => last - first > 1;

const holders = (host: Host, row: PortRow) =>
  host.listeners.filter(
    (l) =>
      l.protocol === row.protocol &&
      l.port >= row.ports[0] &&
      l.port <= row.ports[1] &&
      // Whoever is only asked by the node itself listens on loopback: there a stranger is in the way, elsewhere not.
      (row.from.some((source) => source !== "self") || isLoopback(l.address) || /^(0\.0\.0\.0|::)$/.test(l.address)),
  );

const look = (host: Host, row: PortRow): Finding[] => {
  const subject = `${portText(row)} ${row.what}`;
  const strangers = holders(host, row).flatMap((l): Finding[] => {
    const owner = findSocketOwner(l.inode);
    if (owner && row.owners.includes(owner.name)) return [];
    const by = owner ? `${owner.name}, process ${owner.pid}` : "a process that cannot be looked into";
    return [
      {
        outcome: isRange(row) ? "warn" : "fail",
        subject,
        seen: `taken by ${by}${isRange(row) ? `, at ${l.port}` : ""}`,
        want: row.owners.length > 0 ? `free, or held by ${row.owners.join(" or ")}` : "free",
        ...(owner ? { fix: { command: `kill ${owner.pid}`, survivesReboot: false } } : {}),
      },
    ];
  });
  return strangers.length > 0 ? strangers : [{ outcome: "ok", subject, seen: "free, or held by its own program" }];
};

export const portsFreeCheck: Check = {
  id: "F1",
  name: "ports-free",
  area: "ports",
  severity: "fail",
  title: "the ports of its role are free",
  why: "the part that wants the port does not start",
  run: (host, { roles, networks }) =>
    rowsFor(roles, networks)
      .filter(({ protocol }) => protocol !== "ip")
      .flatMap((row) => look(host, row)),
};
