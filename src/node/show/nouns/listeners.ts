/** `podwire node show listeners`. */
import { chosen, meansNothing } from "../choose.ts";
import { endpointText, type ListenerRow, readListeners } from "../listeners.ts";
import type { Noun } from "../noun.ts";
import { socketOwners } from "../processes.ts";

const kernels = "the kernel itself has it open (VXLAN, WireGuard, NFS), or its process is in another PID namespace";

const first = (l: ListenerRow) => l.processes?.[0];
const more = (l: ListenerRow): string => ((l.processes?.length ?? 0) > 1 ? ` +${l.processes!.length - 1}` : "");

/** A word is a protocol, a port, a program or a process id. */
const means = (l: ListenerRow, word: string): boolean =>
  l.netid === word ||
  String(l.local.port) === word ||
  (l.processes?.some((p) => p.comm === word || String(p.pid) === word) ?? false);

export const listeners: Noun<ListenerRow> = {
  kind: "Listeners",
  name: "listeners",
  asIp: false,
  read: (ns, { family }, link) => readListeners(ns, family, link),
  enrich: (rows) => {
    const { of, hidden } = socketOwners(new Set(rows.map((l) => l.inode)));
    for (const row of rows) {
      const processes = of.get(row.inode);
      if (processes) row.processes = processes;
    }
    return (shown) => {
      const unknown = shown.filter((l) => l.processes === undefined).length;
      if (unknown === 0) return [];
      const sockets = unknown === 1 ? "1 listener" : `${unknown} listeners`;
      const why = hidden > 0 ? "its process is another user's; sudo podwire node show listeners knows" : kernels;
      return [`${sockets} without a process: ${why}`];
    };
  },
  choose: (rows, words) =>
    chosen(rows, words, means, (word) => {
      // A port that nobody has is an answer, not a mistake.
      if (/^\d+$/.test(word) || word === "tcp" || word === "udp") return;
      const known = ["tcp", "udp", ...rows.flatMap((l) => l.processes?.map((p) => p.comm) ?? [])];
      const why = "no protocol and no program that listens is called so";
      throw meansNothing("listener", why, known, word, "podwire node show listeners");
    }),
  lines: (rows) => rows,
  line: (row) => row as ListenerRow,
  columns: [
    { head: "PROTO", cell: (l) => l.netid },
    { head: "LOCAL", cell: endpointText },
    { head: "PROCESS", cell: (l) => `${first(l)?.comm ?? "?"}${more(l)}` },
    { head: "PID", cell: (l) => String(first(l)?.pid ?? ""), right: true },
    { head: "USER", cell: (l) => first(l)?.user ?? l.user },
    { head: "STATE", cell: (l) => l.state, wide: true },
    { head: "RECV-Q", cell: (l) => String(l.recv_q), wide: true, right: true },
    { head: "SEND-Q", cell: (l) => String(l.send_q), wide: true, right: true },
    { head: "INODE", cell: (l) => String(l.inode), wide: true, right: true },
    { head: "COMMAND", cell: (l) => first(l)?.command ?? "", wide: true },
  ],
};
