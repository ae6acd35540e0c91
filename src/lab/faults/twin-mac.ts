/** I2: a second card that was copied with the first. */
import type { LabFault } from "../break/fault.ts";
import { eth0Mac, secondCard } from "../break/pieces.ts";

export const twinMacFault: LabFault = {
  name: "twin-mac",
  title: "two cards of the node have one MAC address",
  hint: "look at both cards with ip link",
  foundBy: ["I2"],
  break: (ground) => ({ steps: secondCard(ground, eth0Mac(ground.host)) }),
};
