/** Every check of what was found between nodes, in the order in which they are shown: a new one is a file and a line. */
import { answeredCheck } from "./answered.ts";
import { clockSkewCheck } from "./clock-skew.ts";
import { pathMtuCheck } from "./path-mtu.ts";
import type { PeerCheck } from "./peer-check.ts";
import { portsReachedCheck } from "./ports-reached.ts";
import { protocolsCheck } from "./protocols.ts";

export const peerChecks: readonly PeerCheck[] = [
  answeredCheck,
  pathMtuCheck,
  portsReachedCheck,
  protocolsCheck,
  clockSkewCheck,
];
