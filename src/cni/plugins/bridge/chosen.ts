/** What chance decides in one ADD: names and MACs. */
import { hex } from "../../../base/bytes.ts";
import type { Clock } from "../../../base/clock.ts";
import { type Mac, macFromBytes } from "../../../base/mac.ts";
import type { Chosen } from "./plan.ts";

export const choose = (clock: Clock): Chosen => {
  const r = clock.random(32);
  const mac = (at: number): Mac => ownMac(r.slice(at, at + 6));
  return {
    hostName: `veth${hex(r.subarray(0, 4))}`,
    gatewayPort: `veth${hex(r.subarray(4, 8))}`,
    hostMac: mac(8),
    podMac: mac(14),
    bridgeMac: mac(20),
    gatewayMac: mac(26),
    gatewayPortMac: ownMac(clock.random(6)),
  };
};

/** Locally administered, of one interface (IEEE 802, bits 1 and 0 of the first byte). */
const ownMac = (b: Uint8Array): Mac => {
  b[0] = ((b[0] ?? 0) & 0xfc) | 2;
  return macFromBytes(b);
};
