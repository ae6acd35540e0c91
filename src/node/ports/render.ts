/** The ports of a node as a table and as JSON. */
import { tableText } from "../../base/table.ts";
import { oneLine } from "../show/one-line.ts";
import { portText } from "./rows-for.ts";
import { type Holder, hiddenFromOthers, type PortState, type PortStatus } from "./taken.ts";

const words: Readonly<Record<PortState, string>> = {
  free: "free",
  owner: "taken, as it should be",
  stranger: "TAKEN BY A STRANGER",
  unseen: "taken",
  "no-port": "no port",
};

const who = ({ process, stranger }: Holder): string => {
  if (!process) return stranger ? "the kernel, or out of sight" : "the kernel";
  return oneLine(process.comm);
};

const remark = (s: PortStatus): string => {
  if (s.state === "unseen") return "its process is another user's: sudo knows";
  if (hiddenFromOthers(s)) return "on loopback only: others cannot reach it";
  return s.loopbackOnly ? "on loopback only" : "";
};

/** A line for each holder; a free port has one line, too. */
export const portsTable = (statuses: readonly PortStatus[], wide: boolean): string => {
  const heads = ["PORT", "WHAT", "STATE", "PROCESS", "PID", "USER", "REMARK"];
  const wideHeads = ["LOCAL", "FROM", "COMMAND"];
  const lines = statuses.flatMap((s) => {
    const { row, state, holders } = s;
    const line = (h: Holder | undefined): string[] => [
      h && row.ports[0] !== row.ports[1] ? `${row.protocol}/${h.port}` : portText(row),
      row.id,
      h && state === "stranger" && !h.stranger ? words.owner : words[state],
      h === undefined ? "" : state === "unseen" && !h.process ? "?" : who(h),
      String(h?.process?.pid ?? ""),
      h?.process?.user ?? "",
      remark(s),
      ...(wide ? [h?.local ?? "", row.from.join(","), oneLine(h?.process?.command ?? "")] : []),
    ];
    return holders.length === 0 ? [line(undefined)] : holders.map(line);
  });
  return tableText([[...heads, ...(wide ? wideHeads : [])], ...lines], { right: [4] });
};

export const portsJson = (statuses: readonly PortStatus[], roles: readonly string[]): string =>
  `${JSON.stringify(
    {
      apiVersion: "podwire.dev/v1alpha1",
      kind: "Ports",
      roles,
      ports: statuses.map(({ row, state, holders, loopbackOnly }) => ({
        id: row.id,
        protocol: row.protocol,
        first: row.ports[0],
        last: row.ports[1],
        what: row.what,
        why: row.why,
        from: row.from,
        owners: row.owners,
        state,
        loopbackOnly,
        holders,
      })),
    },
    null,
    2,
  )}\n`;
