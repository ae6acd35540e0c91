/** Listeners: sockets that wait for others, as `ss -lntup` has them, from the kernel's sock_diag. */
import { AttrIndex } from "../../kernel/codec/attr-index.ts";
import { diagFamily, diagRequest, SOCK_DIAG, socketStates } from "../../kernel/codec/inet-diag.ts";
import type { Netns } from "../../net/kernel.ts";
import { ipText } from "./address-words.ts";
import type { LinkNamer } from "./link-namer.ts";
import type { ProcessRow } from "./processes.ts";
import type { FamilyChoice } from "./request.ts";
import { userName } from "./users.ts";

export interface ListenerRow {
  readonly netid: "tcp" | "udp";
  readonly state: "LISTEN" | "UNCONN";
  readonly family: "inet" | "inet6";
  /** Of TCP, connections that wait to be accepted, and how many may; of UDP, bytes. */
  readonly recv_q: number;
  readonly send_q: number;
  /** `0.0.0.0` and `::` are every address; `::` without `v6only` takes IPv4, too. */
  readonly local: { readonly address: string; readonly port: number; readonly interface?: string };
  readonly v6only: boolean;
  readonly uid: number;
  readonly user: string;
  readonly inode: number;
  /** Who has it open; absent where that cannot be seen. */
  processes?: readonly ProcessRow[];
}

const waits = {
  tcp: { protocol: 6, states: socketStates.listen, state: "LISTEN" },
  udp: { protocol: 17, states: socketStates.close, state: "UNCONN" },
} as const;
/** Offsets in struct inet_diag_msg (linux/inet_diag.h). */
const at = { sport: 4, src: 8, link: 40, receive: 56, send: 60, uid: 64, inode: 68, attrs: 72 } as const;
const INET_DIAG_SKV6ONLY = 11;
const attrs = new AttrIndex(INET_DIAG_SKV6ONLY);

/** Those of one namespace, without their processes. */
export const readListeners = (ns: Netns, family: FamilyChoice, link: LinkNamer): ListenerRow[] => {
  const rows: ListenerRow[] = [];
  for (const netid of ["tcp", "udp"] as const)
    for (const f of [4, 6] as const) {
      if (family !== undefined && family !== f) continue;
      const { protocol, states, state } = waits[netid];
      const before = rows.length;
      ns.diag.scan(
        {
          type: SOCK_DIAG,
          payload: diagRequest.write({ family: diagFamily[f], protocol, states }),
          op: `ss -ln${netid[0]}${f}`,
        },
        (of, _, from, to) => {
          const { bytes, view } = of;
          const src = bytes.subarray(from + at.src, from + at.src + (f === 4 ? 4 : 16));
          const index = view.getUint32(from + at.link, true);
          const uid = view.getUint32(from + at.uid, true);
          attrs.fill(of, from + at.attrs, to);
          rows.push({
            netid,
            state,
            family: f === 4 ? "inet" : "inet6",
            recv_q: view.getUint32(from + at.receive, true),
            send_q: view.getUint32(from + at.send, true),
            local: {
              address: ipText(src),
              port: view.getUint16(from + at.sport),
              ...(index === 0 ? {} : { interface: link(index) }),
            },
            v6only: attrs.u8(INET_DIAG_SKV6ONLY) === 1,
            uid,
            user: userName(uid) ?? String(uid),
            inode: view.getUint32(from + at.inode, true),
          });
        },
        () => {
          rows.length = before;
        },
      );
    }
  return rows;
};

/** As `ss` writes it: `*:22` is every address of both families. */
export const endpointText = ({ local, family, v6only }: ListenerRow): string => {
  const scope = local.interface === undefined ? "" : `%${local.interface}`;
  if (family === "inet") return `${local.address}${scope}:${local.port}`;
  if (local.address === "::" && !v6only) return `*${scope}:${local.port}`;
  return `[${local.address}]${scope}:${local.port}`;
};

/** Reached from this machine alone. */
export const onLoopback = ({ local }: Pick<ListenerRow, "local">): boolean =>
  local.address.startsWith("127.") || local.address === "::1" || local.address.startsWith("::ffff:127.");
