/** IP addresses as inet_ntop(3) spells them, which `ip` uses. */
import { ipFromBytes } from "../../base/ip.ts";
import type { AttrIndex } from "../../kernel/codec/attr-index.ts";

/** As RFC 5952, but an IPv4-compatible address (RFC 4291 2.5.5.1) ends in a dotted quad: `::10.0.0.1`. */
export const ipText = (b: Uint8Array): string => {
  const ip = ipFromBytes(b);
  if (b.length === 4 || !ip.startsWith("::")) return ip;
  for (let i = 0; i < 12; i++) if (b[i] !== 0) return ip;
  return b[12] === 0 && b[13] === 0 ? ip : `::${ipFromBytes(b.subarray(12))}`;
};

export const addressText = (a: AttrIndex, attr: number): string | undefined => {
  if (a.size(attr) === 4) return a.ip(attr);
  const b = a.raw(attr);
  return b?.length === 16 ? ipText(b) : undefined;
};
