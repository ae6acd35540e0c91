/** Names and MACs by chance. */
import { hex } from "../../base/bytes.ts";
import { type Mac, macFromBytes } from "../../base/mac.ts";

/** Of the host's end of a veth, from four bytes. */
export const vethName = (random: Uint8Array): string => `veth${hex(random.subarray(0, 4))}`;

/** Six bytes as a MAC: locally administered, of one interface (IEEE 802, bits 1 and 0 of the first byte). */
export const ownMac = (random: Uint8Array): Mac => {
  const b = random.slice(0, 6);
  b[0] = ((b[0] ?? 0) & 0xfc) | 2;
  return macFromBytes(b);
};
