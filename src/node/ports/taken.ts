/** Rows of the table of ports beside what listens: free, held by the program that should, or by a stranger. */
import { endpointText, type ListenerRow, onLoopback } from "../show/listeners.ts";
import type { ProcessRow } from "../show/processes.ts";
import type { PortRow } from "./row.ts";

/**
 * `owner`: held by a program that should, or by the kernel where it should; `stranger`: by another; `unseen`: by a process
 * that we may not see; `no-port`: a protocol of IP, which nobody listens on.
 */
export type PortState = "free" | "owner" | "stranger" | "unseen" | "no-port";

export interface Holder {
  readonly local: string;
  readonly port: number;
  readonly process?: ProcessRow;
  readonly stranger: boolean;
}

export interface PortStatus {
  readonly row: PortRow;
  readonly state: PortState;
  readonly holders: readonly Holder[];
  /** Something listens, and only on loopback. */
  readonly loopbackOnly: boolean;
}

/** Whether a program may hold a row's port. */
const mayHold = (row: PortRow, process: ProcessRow | undefined): boolean =>
  process === undefined ? row.owners.length === 0 : row.owners.includes(process.comm);

/** What only the node itself asks is on loopback: a listener at another address leaves it alone. */
const isInTheWay = (row: PortRow, l: ListenerRow): boolean =>
  row.from.some((source) => source !== "self") || onLoopback(l) || ["0.0.0.0", "::"].includes(l.local.address);

export const portStatus = (row: PortRow, listeners: readonly ListenerRow[]): PortStatus => {
  if (row.protocol === "ip") return { row, state: "no-port", holders: [], loopbackOnly: false };
  const [first, last] = row.ports;
  const here = listeners.filter(
    (l) => l.netid === row.protocol && l.local.port >= first && l.local.port <= last && isInTheWay(row, l),
  );
  const holders = here.flatMap((l): Holder[] => {
    const where = { local: endpointText(l), port: l.local.port };
    // A socket that several have open is as it should be when one of them should.
    const known = l.processes ?? [];
    const process = known.find((p) => mayHold(row, p)) ?? known[0];
    const unseen = process === undefined && row.owners.length > 0;
    return [{ ...where, ...(process && { process }), stranger: !unseen && !mayHold(row, process) }];
  });
  const loopbackOnly = here.length > 0 && here.every(onLoopback);
  return { row, state: stateOf(row, holders), holders, loopbackOnly };
};

const stateOf = (row: PortRow, holders: readonly Holder[]): PortState => {
  if (holders.length === 0) return "free";
  if (holders.some((h) => h.stranger)) return "stranger";
  return holders.some((h) => h.process === undefined && row.owners.length > 0) ? "unseen" : "owner";
};

/** Others are to reach it, and cannot. */
export const hiddenFromOthers = ({ row, state, loopbackOnly }: PortStatus): boolean =>
  state !== "stranger" && loopbackOnly && row.from.some((source) => source !== "self");
