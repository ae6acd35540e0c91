/** Targets of iptables (linux/netfilter/xt_*.h, linux/netfilter/nf_nat.h): the bytes behind a name and revision as values. */
import { str } from "../codec.ts";

/** New addresses and ports; what is absent stays. */
export interface NatRange {
  /** NF_NAT_RANGE_*. */
  readonly flags: number;
  readonly from?: Uint8Array;
  readonly to?: Uint8Array;
  readonly ports?: { readonly from: number; readonly to: number };
}

export type XtTarget =
  | { readonly is: "reject"; readonly with: number }
  | { readonly is: "mark"; readonly mark: number; readonly mask: number }
  | {
      readonly is: "connmark";
      readonly mode: "set" | "save" | "restore";
      readonly mark: number;
      readonly mask: number;
      readonly nfmask: number;
    }
  | { readonly is: "ct"; readonly notrack: boolean }
  | { readonly is: "dnat" | "snat" | "redirect" | "masquerade" | "netmap"; readonly range: NatRange }
  | { readonly is: "queue"; readonly queue: number; readonly bypass: boolean }
  | { readonly is: "log"; readonly prefix: string }
  /** Changes or notes something that no other rule looks at, and goes on. */
  | { readonly is: "goes-on"; readonly name: string }
  | { readonly is: "other"; readonly name: string };

const view = (b: Uint8Array): DataView => new DataView(b.buffer, b.byteOffset, b.byteLength);
const u16 = (b: Uint8Array, at: number): number => view(b).getUint16(at, true);
const be16 = (b: Uint8Array, at: number): number => view(b).getUint16(at);
const u32 = (b: Uint8Array, at: number): number => view(b).getUint32(at, true);

const MAP_IPS = 1;
const PROTO_SPECIFIED = 2;

const rangeOf = (flags: number, from: Uint8Array, to: Uint8Array, low: number, high: number): NatRange => ({
  flags,
  ...(flags & MAP_IPS && { from, to }),
  ...(flags & PROTO_SPECIFIED && { ports: { from: low, to: high } }),
});

/** struct nf_nat_ipv4_multi_range_compat: how many, then flags, addresses, ports of the first. */
const range4 = (b: Uint8Array): NatRange =>
  rangeOf(u32(b, 4), b.slice(8, 12), b.slice(12, 16), be16(b, 16), be16(b, 18));

/** struct nf_nat_range and nf_nat_range2: flags, two addresses of sixteen bytes, ports. */
const range = (b: Uint8Array, family: 4 | 6): NatRange => {
  const n = family === 4 ? 4 : 16;
  return rangeOf(u32(b, 0), b.slice(4, 4 + n), b.slice(20, 20 + n), be16(b, 36), be16(b, 38));
};

type Read = (b: Uint8Array, rev: number, family: 4 | 6) => XtTarget | undefined;

const nat =
  (is: "dnat" | "snat" | "redirect" | "masquerade" | "netmap"): Read =>
  (b, rev, family) => {
    // Revision 0 of IPv4 has the old struct; that of IPv6, and all later ones, the new.
    if (family === 4 && rev === 0) return b.length >= 20 ? { is, range: range4(b) } : undefined;
    return b.length >= 40 ? { is, range: range(b, family) } : undefined;
  };

const modes = ["set", "save", "restore"] as const;

const readers: Readonly<Record<string, Read>> = {
  REJECT: (b) => ({ is: "reject", with: u32(b, 0) }),
  MARK: (b, rev) => (rev === 2 ? { is: "mark", mark: u32(b, 0), mask: u32(b, 4) } : undefined),
  CONNMARK: (b, rev) => {
    // Revision 2 can shift, too: direction and bits stand before the mode.
    const mode = modes[b[rev === 2 ? 14 : 12]!];
    if (!mode || rev < 1 || rev > 2 || (rev === 2 && b[13] !== 0)) return undefined;
    return { is: "connmark", mode, mark: u32(b, 0), mask: u32(b, 4), nfmask: u32(b, 8) };
  },
  CT: (b) => ({ is: "ct", notrack: (u16(b, 0) & 1) !== 0 }),
  NOTRACK: () => ({ is: "ct", notrack: true }),
  DNAT: nat("dnat"),
  SNAT: nat("snat"),
  REDIRECT: nat("redirect"),
  MASQUERADE: nat("masquerade"),
  NETMAP: nat("netmap"),
  NFQUEUE: (b, rev) => ({ is: "queue", queue: u16(b, 0), bypass: rev >= 2 && (u16(b, 4) & 1) !== 0 }),
  LOG: (b) => ({ is: "log", prefix: str.read(b.subarray(2, 32)) }),
};

const goOn = new Set([
  "NFLOG",
  "ULOG",
  "TRACE",
  "AUDIT",
  "CHECKSUM",
  "CLASSIFY",
  "DSCP",
  "TOS",
  "TTL",
  "HL",
  "ECN",
  "TCPMSS",
  "TCPOPTSTRIP",
  "SECMARK",
  "CONNSECMARK",
  "IDLETIMER",
  "LED",
  "RATEEST",
  "SET",
  "TEE",
  "NFACCT",
  "HMARK",
]);

export const readTarget = (name: string, rev: number, info: Uint8Array, family: 4 | 6): XtTarget => {
  if (goOn.has(name)) return { is: "goes-on", name };
  return readers[name]?.(info, rev, family) ?? { is: "other", name };
};
