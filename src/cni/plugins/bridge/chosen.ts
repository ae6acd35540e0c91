/** What chance decides in one ADD: names and MACs. */
import type { Clock } from "../../../base/clock.ts";
import type { Mac } from "../../../base/mac.ts";
import { ownMac, vethName } from "../../attach/chance.ts";
import type { Chosen } from "./plan.ts";

export const choose = (clock: Clock): Chosen => {
  const r = clock.random(38);
  const mac = (at: number): Mac => ownMac(r.subarray(at, at + 6));
  return {
    hostName: vethName(r),
    gatewayPort: vethName(r.subarray(4)),
    hostMac: mac(8),
    podMac: mac(14),
    bridgeMac: mac(20),
    gatewayMac: mac(26),
    gatewayPortMac: mac(32),
  };
};
