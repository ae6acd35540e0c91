/** Sockets that wait for others: `ss -lntu`. */
import type { Ip } from "../base/ip.ts";
import { diagFamily, diagRequest, readDiag, SOCK_DIAG, socketStates } from "../kernel/codec/inet-diag.ts";
import type { Netns } from "./kernel.ts";

export interface Listener {
  readonly protocol: "tcp" | "udp";
  /** 0.0.0.0 or :: is any address. */
  readonly address: Ip;
  readonly port: number;
  /** At `::`, and without IPv4. */
  readonly v6only: boolean;
  readonly uid: number;
  /** Of the socket: /proc/PID/fd of the process that has it links to `socket:[INODE]`. */
  readonly inode: number;
}

/** IPPROTO_*, and the state in which a socket of that protocol waits. */
const waits = {
  tcp: { protocol: 6, states: socketStates.listen },
  udp: { protocol: 17, states: socketStates.close },
} as const;

/** Those of one protocol, both families. */
export const listListeners = (ns: Netns, protocol: "tcp" | "udp"): Listener[] =>
  ([4, 6] as const).flatMap((family) =>
    ns.diag
      .dump({
        type: SOCK_DIAG,
        payload: diagRequest.write({ family: diagFamily[family], ...waits[protocol] }),
        op: `ss -ln${protocol[0]}`,
      })
      .map((m) => {
        const { src, sport, uid, inode, v6only } = readDiag(m.payload);
        return { protocol, address: src, port: sport, v6only, uid, inode };
      }),
  );
